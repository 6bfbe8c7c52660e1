// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.TopicFilter;
import java.util.Optional;

/**
 * What connections, sessions and subscriptions take in memory, all together; what does not fit is refused. Sizes are rough, and rather too
 * large. On the broker thread.
 */
final class StateMemory {

    /** A connection's objects, beside what it remembers of topics. */
    static final long CONNECTION_BYTES = 4_096;

    private static final long SESSION_BYTES = 1_536;
    private static final long SUBSCRIPTION_BYTES = 256;

    /** A character, in a text that stands in the session and in the journal's records. */
    private static final long CHARACTER_BYTES = 2;

    private final SubscriptionQuota subscriptions;
    private final Budget budget;

    /** @param subscriptions of all sessions */
    StateMemory(SubscriptionQuota subscriptions, Budget budget) {
        this.subscriptions = subscriptions;
        this.budget = budget;
    }

    static long ofSession(String clientId) {
        return SESSION_BYTES + CHARACTER_BYTES * clientId.length();
    }

    static long of(Optional<Will> will) {
        return will.map(its -> (long) its.message().bytes().length).orElse(0L);
    }

    /** Whether there is room; if not, that is counted. */
    boolean hasRoom(long bytes) {
        if (bytes <= budget.bytesLeft()) {
            return true;
        }
        budget.exhausted();
        return false;
    }

    /** Takes what there is room for, or what there must be; gives back if negative. */
    void add(long bytes) {
        budget.add(bytes);
    }

    /** Takes what may just as well not be had. */
    boolean takeIfThereIs(long bytes) {
        boolean taken = bytes <= 0 || bytes <= budget.bytesLeft();
        if (taken) {
            budget.add(bytes);
        }
        return taken;
    }

    boolean hasRoomFor(TopicFilter filter) {
        return subscriptions.hasRoomFor(filter) && hasRoom(size(filter));
    }

    void take(TopicFilter filter) {
        subscriptions.take(filter);
        add(size(filter));
    }

    void giveBack(TopicFilter filter) {
        subscriptions.giveBack(filter);
        add(-size(filter));
    }

    private static long size(TopicFilter filter) {
        return SUBSCRIPTION_BYTES + CHARACTER_BYTES * SubscriptionQuota.size(filter);
    }

    int subscriptionCount() {
        return subscriptions.count();
    }
}
