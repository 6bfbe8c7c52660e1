// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds a segment's footer against what was read in the segment: of a delivery that it does not tell of, a start would not know, and a
 * state must stand where it says. Of each outbox only runs of sequences are kept.
 */
final class FooterCheck {

    /** Below all sequences, so that each is in a run. */
    private static final long NOWHERE = -1;

    private final JournalImage image;
    private final long segment;
    private final Map<Long, SequenceSet> deliveries = new TreeMap<>();
    private final Map<Long, Long> states = new HashMap<>();

    FooterCheck(JournalImage image, long segment) {
        this.image = image;
        this.segment = segment;
    }

    /** A record was read in the frame at an offset. */
    void read(JournalRecord record, long frame) {
        switch (record) {
            case JournalRecord.Stored stored -> {
                for (JournalRecord.Receiver to : stored.receivers()) {
                    deliveries
                            .computeIfAbsent(to.owner(), any -> new SequenceSet(NOWHERE))
                            .add(to.sequence());
                }
                if (stored.retainedNumber() != 0) {
                    states.put(stored.retainedNumber(), frame);
                }
            }
            case JournalRecord.State put -> states.put(put.number(), frame);
            case JournalRecord other -> {}
        }
    }

    /**
     * @param wrong takes what does not fit
     * @throws RuntimeException if the footer is none
     */
    void compare(RecordCursor footer, Consumer<String> wrong) {
        JournalState then = new JournalState();
        Map<Long, SequenceSet> told = new HashMap<>();
        long[] firstState = {0};
        Snapshot.read(
                footer,
                then,
                (number, first, live) -> {
                    if (number == segment) {
                        firstState[0] = first;
                    }
                },
                new Snapshot.Own() {
                    @Override
                    public void range(long owner, long first, long last) {
                        told.computeIfAbsent(owner, any -> new SequenceSet(NOWHERE))
                                .add(first, last + 1);
                        missing(owner, first, last + 1, wrong);
                    }

                    @Override
                    public void state(int index, long frameOffset) {
                        Long found = states.get(firstState[0] + index);
                        if (found == null || found != frameOffset) {
                            wrong.accept("the footer expects state %,d in the frame at %,d, found %s"
                                    .formatted(
                                            firstState[0] + index,
                                            frameOffset,
                                            found == null ? "it nowhere" : "it at %,d".formatted(found)));
                        }
                    }
                });
        deliveries.forEach((owner, held) -> untold(then, owner, held, told.get(owner), wrong));
    }

    /** A session's sequences may be without records, because a shared subscription has lent it messages; a bridge's may not. */
    private void missing(long owner, long from, long to, Consumer<String> wrong) {
        OutboxLog log = image.found().state().outboxes().get(owner);
        if (log == null || image.owner(owner).kind() != JournalOwner.Kind.BRIDGE) {
            return;
        }
        long missing = log.unsettled(from, to) - unsettled(log, deliveries.get(owner), from, to);
        if (missing > 0) {
            wrong.accept(
                    "expected %,d more deliveries of outbox %d, which the footer tells of".formatted(missing, owner));
        }
    }

    private static void untold(
            JournalState then, long owner, SequenceSet held, @Nullable SequenceSet told, Consumer<String> wrong) {
        OutboxLog log = then.outboxes().get(owner);
        for (int run = 0; log != null && run < held.runCount(); run++) {
            long from = held.runStart(run);
            long to = held.runEnd(run);
            if (log.unsettled(from, to) > unsettled(log, told, from, to)) {
                wrong.accept("found deliveries from %,d up to %,d of outbox %d, the footer does not tell of all"
                        .formatted(from, to, owner));
            }
        }
    }

    /** How many of a set's sequences, from one up to another, are not settled. */
    private static long unsettled(OutboxLog log, @Nullable SequenceSet set, long from, long to) {
        long count = 0;
        for (int run = 0; set != null && run < set.runCount(); run++) {
            count += log.unsettled(Math.max(from, set.runStart(run)), Math.min(to, set.runEnd(run)));
        }
        return count;
    }
}
