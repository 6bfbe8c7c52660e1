// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import io.sluice.config.Settings;
import io.sluice.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules under one name: what each client may do. Immutable. */
public final class AccessControl {

    private final Settings.Access access;

    public AccessControl(Settings.Access access) {
        this.access = access;
    }

    /** What a client may do, as long as it is connected. */
    public Rights rights(Optional<String> user, String clientId) {
        List<TopicFilter> publish = new ArrayList<>();
        List<TopicFilter> subscribe = new ArrayList<>();
        for (Settings.Allow rule : access.allow()) {
            if (holds(rule, user)) {
                publish.addAll(Rights.filled(rule.publish(), user, clientId));
                subscribe.addAll(Rights.filled(rule.subscribe(), user, clientId));
            }
        }
        return new Rights(Optional.of(user.orElse(Rights.ANONYMOUS)), false, publish, subscribe);
    }

    private static boolean holds(Settings.Allow rule, Optional<String> user) {
        return rule.user().isEmpty()
                || (user.isPresent()
                        && (rule.user().get().equals(Settings.Allow.EVERY_USER)
                                || rule.user().equals(user)));
    }
}
