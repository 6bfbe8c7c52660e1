// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.topic.Qos;
import java.util.List;
import java.util.NavigableSet;

/** The sequences of an outbox's deliveries that wait for PUBCOMP, counted with what outboxes hold in memory. On the broker thread. */
final class Released {

    /** What one takes in memory, roughly. */
    private static final long BYTES = 72;

    private final NavigableSet<Long> sequences;
    private final OutboxMemory memory;
    private int counted;

    /** @param sequences those that there are; the journal may add and remove some */
    Released(NavigableSet<Long> sequences, OutboxMemory memory) {
        this.sequences = sequences;
        this.memory = memory;
        count();
    }

    /** Counts anew, after something may have been added or removed. */
    void count() {
        count(sequences.size());
    }

    private void count(int now) {
        memory.reserve((now - counted) * BYTES);
        counted = now;
    }

    void add(long sequence) {
        sequences.add(sequence);
        count();
    }

    void remove(long sequence) {
        if (!sequences.isEmpty()) {
            sequences.remove(sequence);
            count();
        }
    }

    boolean has(long sequence) {
        return !sequences.isEmpty() && sequences.contains(sequence);
    }

    /** The lower of the first one and the given sequence. */
    long first(long otherwise) {
        return sequences.isEmpty() ? otherwise : Math.min(otherwise, sequences.first());
    }

    /** In order. */
    List<Long> all() {
        return List.copyOf(sequences);
    }

    int size() {
        return sequences.size();
    }

    /** Whether a delivery may be sent that will be one of them: when memory is spent, one at a time must do. */
    boolean mayBecomeMore(Qos qos) {
        return qos != Qos.EXACTLY_ONCE || sequences.isEmpty() || !memory.isSpent();
    }

    /** The outbox has ended. */
    void end() {
        count(0);
    }
}
