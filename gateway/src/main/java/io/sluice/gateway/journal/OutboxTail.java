// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads on in one outbox's deliveries on disk, segment by segment. One request is under way at a time; an answer that comes after
 * {@link #restart} is dropped. Lives on the broker thread.
 */
public final class OutboxTail {

    private final Journal journal;
    private final OutboxLog log;
    private final Sink sink;
    private long from;
    private long segment = -1;
    private long offset;
    private int epoch;
    private boolean busy;

    /** Takes what was read. */
    public interface Sink {
        /** One delivery; they come in rising sequence. */
        void delivery(
                long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, long batch);

        /**
         * That was all of one request; now may be the time for the next.
         *
         * @param upTo everything below this sequence was read
         */
        void read(long upTo);
    }

    public OutboxTail(Journal journal, OutboxLog log, Sink sink) {
        this.journal = journal;
        this.log = log;
        this.sink = sink;
    }

    /** Begins anew at a sequence. */
    public void restart(long sequence) {
        from = sequence;
        segment = -1;
        epoch++;
        busy = false;
    }

    /** Whether a request is under way. */
    public boolean isBusy() {
        return busy;
    }

    /**
     * Asks for the next deliveries.
     *
     * @param countMax at least 1
     * @param bytesMax bytes of messages; one delivery is always given
     */
    public void request(int countMax, long bytesMax) {
        if (busy || from >= log.next()) {
            return;
        }
        busy = true;
        int asked = epoch;
        SegmentRange range = log.rangeAtOrAfter(from);
        if (range == null) {
            // Nothing unsettled from here on.
            long upTo = log.next();
            journal.whenForced(0, () -> nothingThere(asked, upTo));
            return;
        }
        Segment there = segmentOf(range);
        if (segment != there.number()) {
            segment = there.number();
            offset = JournalFormat.HEADER_BYTES;
        }
        if (offset >= there.readable()) {
            journal.whenWritten(() -> again(asked, countMax, bytesMax));
            return;
        }
        journal.reader()
                .read(new JournalReader.Request(
                        log.owner(),
                        segment,
                        there.generation(),
                        offset,
                        there.readable(),
                        from,
                        countMax,
                        bytesMax,
                        answer -> take(asked, range, there, answer)));
    }

    private Segment segmentOf(SegmentRange range) {
        @Nullable Segment there = journal.segment(range.segment());
        if (there == null) {
            throw new IllegalStateException("outbox " + log.owner() + " has deliveries in a segment that is gone");
        }
        return there;
    }

    private void nothingThere(int asked, long upTo) {
        if (asked == epoch) {
            busy = false;
            from = upTo;
            sink.read(from);
        }
    }

    private void again(int asked, int countMax, long bytesMax) {
        if (asked == epoch) {
            busy = false;
            request(countMax, bytesMax);
        }
    }

    private void take(int asked, SegmentRange range, Segment there, JournalReader.Answer answer) {
        if (asked != epoch) {
            return;
        }
        busy = false;
        offset = answer.offset();
        for (JournalReader.Found found : answer.found()) {
            JournalRecord.Receiver receiver = found.receiver();
            from = receiver.sequence() + 1;
            sink.delivery(
                    receiver.sequence(),
                    found.message(),
                    receiver.qos(),
                    receiver.retain(),
                    receiver.subscriptionIds(),
                    found.batch());
        }
        if (answer.atEnd() && there.isSealed() && offset >= there.bytes() - JournalFormat.TRAILER_BYTES) {
            from = Math.max(from, range.last() + 1); // what is left of it here was settled or cannot be read
            segment = -1;
        }
        sink.read(from);
    }
}
