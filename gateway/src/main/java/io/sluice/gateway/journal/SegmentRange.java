// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/** The deliveries of one outbox within one segment. Lives on the broker thread. */
final class SegmentRange {

    private final Segment segment;
    private final OutboxLog log;
    private final long first;
    private long last;
    private long unsettled;

    SegmentRange(Segment segment, OutboxLog log, long first, long last) {
        this.segment = segment;
        this.log = log;
        this.first = first;
        this.last = last;
    }

    long segment() {
        return segment.number();
    }

    OutboxLog log() {
        return log;
    }

    long first() {
        return first;
    }

    /** Inclusive. */
    long last() {
        return last;
    }

    /** Takes in a sequence; what was skipped before it counts unless it is settled. */
    void extend(long sequence, SequenceSet settled) {
        if (sequence > last) {
            unsettled += sequence - last - settled.count(last + 1, sequence + 1);
            last = sequence;
        }
    }

    void settle(long count) {
        unsettled -= count;
        if (unsettled == 0) {
            segment.rangeDone();
        }
    }

    void recount(SequenceSet settled) {
        unsettled = last - first + 1 - settled.count(first, last + 1);
    }

    /** Nothing in it is unsettled, and nothing can be added. */
    boolean isDone() {
        return unsettled == 0 && segment.isSealed();
    }

    long unsettled() {
        return unsettled;
    }

    boolean isSettled() {
        return unsettled == 0;
    }

    /** Its owner is removed by what the batch says. */
    void abandon(long batch) {
        unsettled = 0;
        segment.replacedIn(batch);
    }
}
