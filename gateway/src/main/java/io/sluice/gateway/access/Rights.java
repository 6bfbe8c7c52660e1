// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one client may do. Immutable; asked on the broker thread.
 *
 * @param identity whose its sessions are: a user's name, {@link #ANONYMOUS}, or empty where no rules hold
 */
public record Rights(
        Optional<String> identity, boolean everything, List<TopicFilter> publish, List<TopicFilter> subscribe) {

    /** The identity of clients that gave no user name where rules hold; no user has this name. */
    public static final String ANONYMOUS = "";

    /** Of a client for which no rules hold. */
    public static final Rights ALL = new Rights(Optional.empty(), true, List.of(), List.of());

    /** The longest text that MQTT has. */
    private static final int FILTER_BYTES_MAX = 65_535;

    public Rights {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    public boolean mayPublish(TopicName topic) {
        if (everything) {
            return true;
        }
        for (TopicFilter filter : publish) {
            if (filter.matches(topic)) {
                return true;
            }
        }
        return false;
    }

    /** Whether all that the filter selects may be read; it must lie within one of those that are allowed. */
    public boolean maySubscribe(TopicFilter filter) {
        return everything || subscribe.stream().anyMatch(allowed -> allowed.covers(filter));
    }

    /** Filters of which each is one of the templates with its placeholders filled. */
    static List<TopicFilter> filled(List<String> templates, Optional<String> user, String clientId) {
        List<TopicFilter> filters = new ArrayList<>();
        for (String template : templates) {
            boolean fits = (!template.contains("{user}")
                            || user.filter(Rights::isLevel).isPresent())
                    && (!template.contains("{client}") || isLevel(clientId));
            String text = template.replace("{user}", user.orElse("")).replace("{client}", clientId);
            if (fits && text.getBytes(StandardCharsets.UTF_8).length <= FILTER_BYTES_MAX) {
                filters.add(TopicFilter.of(text));
            }
        }
        return filters;
    }

    /** What a client calls itself must not reach beyond its level of a topic. */
    private static boolean isLevel(String text) {
        return !text.isEmpty()
                && !text.startsWith("$")
                && text.chars().noneMatch(c -> c == '/' || c == '+' || c == '#' || c == '{' || c == '}' || c == 0);
    }
}
