// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Connections that have not sent CONNECT, the oldest first: of too many, those that have taken longest are closed. On the broker thread. */
final class Strangers {

    private static final int COUNT_MAX = 1_024;

    private final Set<Conversation> all = new LinkedHashSet<>();

    void add(Conversation conversation) {
        if (all.size() >= COUNT_MAX) {
            all.iterator().next().connectIsDue(); // whoever means it has sent CONNECT long since
        }
        all.add(conversation);
    }

    void remove(Conversation conversation) {
        all.remove(conversation);
    }

    /** Closes all of them. */
    void turnAway() {
        List.copyOf(all).forEach(Conversation::connectIsDue);
    }

    int count() {
        return all.size();
    }
}
