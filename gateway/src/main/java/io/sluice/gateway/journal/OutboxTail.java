// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

/**
 * Reads on in one outbox's deliveries on disk, segment by segment. One request is under way at a time; an answer that comes after
 * {@link #restart} is dropped. Lives on the broker thread.
 */
public final class OutboxTail {

    private static final System.Logger LOG = System.getLogger(OutboxTail.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int ATTEMPTS_MAX = 5;

    private final Journal journal;
    private final OutboxLog log;
    private final Sink sink;
    private long from;
    private long segment = -1;
    private int generation;
    private long offset;
    private long end;
    /** Whether something in the segment that is being read is no whole frame. */
    private boolean damaged;

    private int epoch;
    private boolean busy;
    private int failures;

    /** Takes what was read. */
    public interface Sink {
        /** One delivery; they come in rising sequence. */
        void delivery(
                long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, long batch);

        /** What is left has yet to be written, and is read as soon as it is. */
        void atEnd();

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

    /** Leaves out what is below a sequence, because it was had without being read; not while a request is under way. */
    public void skipTo(long sequence) {
        from = Math.max(from, sequence);
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
        from = log.nextUnsettled(from);
        SegmentRange range = log.ranges().atOrAfter(from);
        if (range == null) {
            journal.loop().atTurnEnd(() -> lookAgain(asked, countMax, bytesMax));
            return;
        }
        Segment there = range.segment();
        if (segment != there.number() || generation != there.generation()) {
            segment = there.number();
            generation = there.generation();
            offset = JournalFormat.HEADER_BYTES;
            damaged = false;
        }
        if (offset >= there.readable()) {
            journal.whenWritten(() -> again(asked, countMax, bytesMax));
            sink.atEnd();
            return;
        }
        end = there.readable();
        journal.reader()
                .read(new JournalReader.Request(
                        log.owner(),
                        segment,
                        there.generation(),
                        offset,
                        end,
                        from,
                        countMax,
                        bytesMax,
                        answer -> take(asked, there, answer, countMax, bytesMax)));
    }

    /** Nothing was unsettled from here on, unless something has a sequence and its record follows in the same turn. */
    private void lookAgain(int asked, int countMax, long bytesMax) {
        if (asked != epoch) {
            return;
        }
        busy = false;
        if (log.ranges().atOrAfter(log.nextUnsettled(from)) != null) {
            request(countMax, bytesMax);
        } else {
            from = log.next();
            sink.read(from);
        }
    }

    private void again(int asked, int countMax, long bytesMax) {
        if (asked == epoch) {
            busy = false;
            request(countMax, bytesMax);
        }
    }

    private void take(int asked, Segment there, JournalReader.Answer answer, int countMax, long bytesMax) {
        if (asked != epoch) {
            return;
        }
        if (generation != there.generation()) {
            again(asked, countMax, bytesMax); // rewritten since it was asked: the answer may be of either file
            return;
        }
        if (answer.failed() && !there.isFreed() && ++failures < ATTEMPTS_MAX) {
            journal.loop().schedule(PAUSE, () -> again(asked, countMax, bytesMax));
            return;
        }
        busy = false;
        offset = answer.offset();
        damaged |= answer.damaged();
        for (JournalReader.Found found : answer.found()) {
            if (asked != epoch) {
                return;
            }
            JournalRecord.Receiver receiver = found.receiver();
            missed(there, receiver.sequence());
            from = receiver.sequence() + 1;
            sink.delivery(
                    receiver.sequence(),
                    found.message(),
                    receiver.qos(),
                    receiver.retain(),
                    receiver.subscriptionIds(),
                    found.batch());
        }
        if (asked != epoch) {
            return;
        }
        if (answer.failed() && !there.isFreed()) {
            LOG.log(Level.ERROR, "{0} cannot be read: what it has for outbox {1} is passed over", there, log.owner());
        }
        if (answer.failed() || (answer.atEnd() && there.isSealed() && end == there.bytes())) {
            leave(there, answer.failed());
        }
        failures = 0;
        sink.read(from);
    }

    /**
     * What was not read between two deliveries of a segment was settled; or its bytes are damaged and it is gone for good; or it has
     * no record, because it was only borrowed when the gateway died.
     */
    private void missed(Segment there, long next) {
        SegmentRange range = log.ranges().atOrAfter(from);
        if (range != null && range.segment().equals(there)) {
            long first = Math.max(from, range.first());
            long end = Math.min(next, range.last() + 1);
            if (damaged) {
                journal.upkeep().lost(log, there, first, end);
            } else {
                settleBorrowed(first, end);
            }
        }
    }

    private void settleBorrowed(long first, long to) {
        if (first >= to) {
            return;
        }
        long at = first;
        for (long kept : List.copyOf(log.released().subSet(first, to))) {
            journal.settle(log, at, kept);
            at = kept + 1;
        }
        journal.settle(log, at, to);
    }

    /** What is left in the segment was settled or cannot be read. */
    private void leave(Segment there, boolean failed) {
        SegmentRange range = log.ranges().atOrAfter(from);
        if (range != null && range.segment().equals(there)) {
            long last = range.last();
            if (!failed) {
                missed(there, last + 1);
            }
            from = Math.max(from, last + 1);
        }
        segment = -1;
    }
}
