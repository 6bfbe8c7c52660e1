// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a topic name on one side of the bridge becomes one on the other: what the wildcards of the filter captured is placed where
 * the target has wildcards, {@code +} by position and {@code #} as the rest.
 *
 * <p>The first {@code +} of the target takes what the first {@code +} of the filter captured, the second the second, and so on.
 * What the target has no wildcard for is dropped, so that several topics may become one. A {@code #} that captured nothing
 * ({@code sensors/#} selects {@code sensors} too) vanishes together with the {@code /} before it.
 */
public final class Renaming {

    /** No topic filter is longer than 65,535 bytes; with at most three bytes a char this one never is. */
    private static final int IMAGE_LENGTH_MAX = 65_535 / 3;

    private final TopicFilter from;
    private final TopicFilter to;
    private final boolean same;
    private final List<String> fromLevels;
    private final List<String> toLevels;

    private Renaming(TopicFilter from, TopicFilter to) {
        this.from = from;
        this.to = to;
        this.same = from.equals(to);
        this.fromLevels = levels(from.value());
        this.toLevels = levels(to.value());
    }

    /**
     * @param from the filter that selects what crosses
     * @param to the target, whose wildcards take what {@code from}'s captured
     * @throws IllegalArgumentException if {@code to} has wildcards that {@code from} does not fill, or a share name is given
     */
    public static Renaming of(TopicFilter from, TopicFilter to) {
        if (from.share().isPresent() || to.share().isPresent()) {
            throw new IllegalArgumentException("a shared subscription cannot be renamed: " + from + " to " + to);
        }
        Renaming renaming = new Renaming(from, to);
        long offered = count(renaming.fromLevels, "+");
        long wanted = count(renaming.toLevels, "+");
        if (wanted > offered) {
            throw new IllegalArgumentException("'%s' has %d of the wildcard +, but '%s' fills only %d"
                    .formatted(to.value(), wanted, from.value(), offered));
        }
        if (count(renaming.toLevels, "#") > count(renaming.fromLevels, "#")) {
            throw new IllegalArgumentException(
                    "'%s' has the wildcard #, but '%s' has none to fill it".formatted(to.value(), from.value()));
        }
        return renaming;
    }

    /** The filter that selects what crosses. */
    public TopicFilter from() {
        return from;
    }

    /** The target: the filter that selects every name this renaming can give. */
    public TopicFilter to() {
        return to;
    }

    /**
     * The name on the other side.
     *
     * @throws IllegalArgumentException if {@code from} does not select the topic, or the new name would not be a topic name: longer
     *     than 65,535 bytes, empty, or beginning with a {@code $} that the target does not spell out. Topics are chosen by clients,
     *     so the caller must expect this; the message says why
     */
    public TopicName rename(TopicName topic) {
        if (!from.matches(topic)) {
            throw new IllegalArgumentException("'%s' does not select the topic".formatted(from.value()));
        }
        if (same) {
            return topic;
        }
        TopicName renamed = new TopicName(String.join("/", placed(levels(topic.value()))));
        if (renamed.isReserved() && to.value().charAt(0) != '$') {
            throw new IllegalArgumentException("a wildcard must not open a topic that begins with $");
        }
        return renamed;
    }

    /**
     * The filter that selects the new names of the topics that {@code selected} selects, or empty if none of them gets one.
     *
     * @param selected a filter that selects nothing that {@code from} does not select
     */
    Optional<TopicFilter> image(TopicFilter selected) {
        if (same) {
            return Optional.of(selected);
        }
        String image = String.join("/", placed(levels(selected.value())));
        boolean reserved = image.startsWith("$") && to.value().charAt(0) != '$';
        if (image.isEmpty() || reserved || image.length() > IMAGE_LENGTH_MAX) {
            return Optional.empty();
        }
        return Optional.of(new TopicFilter(Optional.empty(), image));
    }

    /** The target's levels, its wildcards filled from a topic (or a narrower filter) that {@code from} selects. */
    private List<String> placed(List<String> given) {
        List<String> placed = new ArrayList<>(toLevels.size() + given.size());
        int searched = 0;
        for (String level : toLevels) {
            if (level.equals("+")) {
                while (!fromLevels.get(searched).equals("+")) {
                    searched++;
                }
                placed.add(given.get(searched++));
            } else if (level.equals("#")) {
                int restStart = Math.min(fromLevels.size() - 1, given.size());
                placed.addAll(given.subList(restStart, given.size()));
            } else {
                placed.add(level);
            }
        }
        return placed;
    }

    private static List<String> levels(String text) {
        List<String> levels = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('/'); end >= 0; end = text.indexOf('/', start)) {
            levels.add(text.substring(start, end));
            start = end + 1;
        }
        levels.add(text.substring(start));
        return List.copyOf(levels);
    }

    private static long count(List<String> levels, String wildcard) {
        return levels.stream().filter(wildcard::equals).count();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Renaming renaming && from.equals(renaming.from) && to.equals(renaming.to);
    }

    @Override
    public int hashCode() {
        return 31 * from.hashCode() + to.hashCode();
    }

    @Override
    public String toString() {
        return from + " -> " + to;
    }
}
