// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.topic.TopicFilter;

/** How many subscriptions there may be, of one session or of all, and what their filters may take in memory. On the broker thread. */
final class SubscriptionQuota {

    /** What the filters may have for each subscription, and what a level counts as. */
    private static final long FILTER_BYTES = 256;

    private static final long LEVEL_BYTES = 8;

    private final int countMax;
    private int count;
    private long bytes;

    SubscriptionQuota(int countMax) {
        this.countMax = countMax;
    }

    boolean hasRoomFor(TopicFilter filter) {
        return count < countMax && bytes + size(filter) <= countMax * FILTER_BYTES;
    }

    void take(TopicFilter filter) {
        count++;
        bytes += size(filter);
    }

    void giveBack(TopicFilter filter) {
        count--;
        bytes -= size(filter);
    }

    int count() {
        return count;
    }

    /** What a filter takes in memory, roughly: one node in the tree for each level. */
    static long size(TopicFilter filter) {
        String text = filter.value();
        return text.length()
                + LEVEL_BYTES * (1 + text.chars().filter(c -> c == '/').count());
    }
}
