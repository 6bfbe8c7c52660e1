// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One outbox's deliveries whose records wait in {@link Deferrals}, by their sequences. Lives on the broker thread. */
final class DeferredDeliveries {

    /** A table for more than this is given back when nothing is in it. */
    private static final int KEPT_MAX = 64;

    private final long owner;
    private Map<Long, Deferred> bySequence = new HashMap<>();
    private boolean large;
    private long newest;
    private long slowBelow;

    DeferredDeliveries(long owner) {
        this.owner = owner;
    }

    /** The number of the newest record that was deferred for the outbox, written since or not. */
    long newest() {
        return newest;
    }

    boolean isEmpty() {
        return bySequence.isEmpty();
    }

    void add(long sequence, Deferred record) {
        bySequence.put(sequence, record);
        large |= bySequence.size() > KEPT_MAX;
        newest = record.number();
    }

    /** It is in a batch, like any other from now on. */
    void written(long sequence) {
        take(sequence);
    }

    /** Settles those of a run that wait; how many there were. Their records need no longer name the outbox. */
    long settle(long from, long to) {
        if (bySequence.isEmpty()) {
            return 0;
        }
        if (to - from <= 1) {
            return settle(from);
        }
        long settled = 0;
        for (long sequence : List.copyOf(bySequence.keySet())) {
            if (sequence >= from && sequence < to) {
                settled += settle(sequence);
            }
        }
        return settled;
    }

    private long settle(long sequence) {
        Deferred record = take(sequence);
        if (record == null) {
            return 0;
        }
        record.settled(owner, sequence);
        return 1;
    }

    private @Nullable Deferred take(long sequence) {
        Deferred record = bySequence.remove(sequence);
        if (large && bySequence.isEmpty()) {
            large = false;
            bySequence = new HashMap<>();
        }
        return record;
    }

    /** One was not settled in time: nothing waits for this outbox again until it has settled what it has below a sequence. */
    void slow(long sequence) {
        slowBelow = sequence;
    }

    /** @param floor the lowest sequence of the outbox that may be unsettled */
    boolean isSlow(long floor) {
        return floor < slowBelow;
    }
}
