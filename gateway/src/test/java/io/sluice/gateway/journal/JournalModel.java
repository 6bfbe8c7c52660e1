// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a journal must hold, kept in the simplest way, and the comparison with one that was opened after a power cut. */
final class JournalModel {

    /** A batch that is not known to be forced before everything is. */
    static final long UNKNOWN = Long.MAX_VALUE;

    final Map<Long, Outbox> outboxes = new TreeMap<>();
    final Map<String, Value> states = new TreeMap<>();

    /** One owner's deliveries and packet identifiers. */
    static final class Outbox {
        final TreeMap<Long, Delivery> deliveries = new TreeMap<>();
        final TreeMap<Integer, Value> received = new TreeMap<>();
        /** The lowest sequence that was certainly never sent and never will be. */
        long sendable;

        long removedIn;
    }

    /** A delivery; batches (its own is a receipt) are 0 when they are safe, and {@link #NEVER} when there is none. */
    static final class Delivery {
        final String text;
        long batch;
        long settledIn = NEVER;
        long releasedIn = NEVER;

        Delivery(String text, long batch) {
            this.text = text;
            this.batch = batch;
        }
    }

    /** What a key may stand for after a power cut: the last value that was safe, and all after it. */
    static final class Value {
        /** By batch; the empty text says that it was removed. */
        final NavigableMap<Long, String> versions = new TreeMap<>();

        long number;

        void set(long batch, String value) {
            // Two changes in one batch come or go together.
            versions.put(batch, value);
        }

        String now() {
            return versions.isEmpty() ? "" : versions.lastEntry().getValue();
        }
    }

    static final long NEVER = -1;

    Outbox outbox(long owner) {
        return outboxes.computeIfAbsent(owner, any -> new Outbox());
    }

    /** What is settled by now is so for good when the batch is forced. */
    void settledBy(long batch) {
        for (Outbox outbox : outboxes.values()) {
            for (Delivery delivery : outbox.deliveries.values()) {
                delivery.settledIn = delivery.settledIn == UNKNOWN ? batch : delivery.settledIn;
            }
        }
    }

    void checkRecovered(TestJournal test, NavigableMap<Long, DurableState> recovered, Journal before) {
        Map<String, String> found = new HashMap<>();
        Map<String, Long> numbers = new HashMap<>();
        recovered.forEach((number, state) -> {
            if (state instanceof DurableState.RetainedState retained) {
                String topic = retained.message().topic().value();
                assertThat(found).as("states").doesNotContainKey(topic);
                found.put(topic, retained.message().payload().text());
                numbers.put(topic, number);
            }
        });
        states.forEach((key, value) -> {
            String is = found.getOrDefault(key, "");
            checkValue("state " + key, value, is, before);
            value.number = numbers.getOrDefault(key, 0L);
        });
        assertThat(states.keySet()).containsAll(found.keySet());
        outboxes.forEach((owner, outbox) -> checkOutbox(test, owner, outbox, before));
        outboxes.values().removeIf(outbox -> outbox.removedIn != 0);
    }

    private static void checkValue(String what, Value value, String is, Journal before) {
        String expected = "";
        NavigableMap<Long, String> possible = new TreeMap<>(value.versions);
        Long safe = null;
        for (long batch : value.versions.keySet()) {
            safe = before.isForced(batch) ? Long.valueOf(batch) : safe;
        }
        if (safe != null) {
            possible = value.versions.tailMap(safe, true);
        } else {
            possible.put(-1L, expected);
        }
        assertThat(possible).as(what).containsValue(is);
        value.versions.clear();
        value.versions.put(0L, is);
    }

    private static void checkOutbox(TestJournal test, long owner, Outbox outbox, Journal before) {
        OutboxLog log = test.log(owner);
        BitSet received = test.journal.received(owner);
        SortedMap<Long, String> read = test.read(owner);
        if (outbox.removedIn != 0) {
            if (before.isForced(outbox.removedIn)) {
                assertThat(read).as("removed outbox %d", owner).isEmpty();
                assertThat(received.isEmpty()).isTrue();
            }
            if (read.isEmpty()) {
                return;
            }
            outbox.removedIn = 0; // it was not to be
        }
        assertThat(log.next()).as("next of %d", owner).isGreaterThanOrEqualTo(outbox.sendable);
        // What was released is kept even if its message, in a batch before that was not forced either, is gone.
        long releasedAlone = log.released().stream()
                .filter(sequence -> !read.containsKey(sequence))
                .count();
        assertThat(log.depth()).as("depth of %d", owner).isEqualTo(read.size() + releasedAlone);
        assertThat(outbox.deliveries.keySet()).as("outbox %d", owner).containsAll(read.keySet());
        outbox.deliveries.forEach((sequence, delivery) -> {
            String what = "outbox " + owner + " sequence " + sequence;
            if (read.containsKey(sequence)) {
                assertThat(read.get(sequence)).as(what).isEqualTo(delivery.text);
            } else {
                assertThat(before.isSafe(delivery.batch) && delivery.settledIn == NEVER)
                        .as(what + " is lost, batch " + delivery.batch)
                        .isFalse();
            }
            if (delivery.settledIn != NEVER && before.isForced(delivery.settledIn)) {
                assertThat(read).as(what + " is settled").doesNotContainKey(sequence);
            }
            boolean released = log.released().contains(sequence);
            if (delivery.releasedIn == NEVER) {
                assertThat(released).as(what + " released").isFalse();
            } else if (before.isForced(delivery.releasedIn) && delivery.settledIn == NEVER) {
                assertThat(released).as(what + " released").isTrue();
            }
            delivery.batch = 0;
            delivery.settledIn = NEVER;
            delivery.releasedIn = released ? 0 : NEVER;
        });
        outbox.deliveries.keySet().retainAll(read.keySet());
        outbox.received.forEach((id, value) ->
                checkValue("packet identifier " + id + " of " + owner, value, received.get(id) ? "in" : "", before));
    }
}
