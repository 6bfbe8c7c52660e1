// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.List;

/**
 * Keeps the journal's files within their limit: frees segments of which nothing is needed any more, and drops the oldest messages
 * where the limit says so. Lives on the broker thread.
 */
final class JournalSpace {

    /** The newest segments stay, so that a footer that is safe, and another in case that one is damaged, come after what goes. */
    private static final int NEWEST_KEPT = 3;

    /** Room is made from three quarters of the limit on, and where states alone pin an eighth of it. */
    private static final int SHARE_USED = 4;

    private static final int SHARE_PINNED = 8;

    private final JournalState state;
    private final JournalLimits limits;
    private final JournalFormat.Sizes sizes;
    private final Leave leave;
    private long bytes;
    private long bytesTaken;

    /** Settles deliveries that give way. */
    interface Dropping {
        void drop(OutboxLog log, long from, long to);
    }

    /** Has a file deleted as soon as may be, or set aside under another name. */
    interface Leave {
        void leave(String name, boolean setAside);
    }

    JournalSpace(JournalState state, JournalLimits limits, JournalFormat.Sizes sizes, Leave leave) {
        this.state = state;
        this.limits = limits;
        this.sizes = sizes;
        this.leave = leave;
        this.bytes =
                state.segments().values().stream().mapToLong(Segment::bytes).sum();
    }

    /** Bytes of all segments, written or about to be. */
    long bytes() {
        return bytes;
    }

    /** A frame or a header more. */
    void took(long more) {
        bytes += more;
        bytesTaken += more;
    }

    /** A segment has another file. */
    void resized(long less) {
        bytes -= less;
    }

    /** Bytes of frames and headers, written or about to be, since the start. */
    long bytesTaken() {
        return bytesTaken;
    }

    /**
     * Whether new messages are to be refused or dropped: a segment's worth is kept for the settles and releases that make room, and
     * half of one for the file that is written when a segment is made smaller.
     */
    boolean isFull() {
        return limits.whenFull() != JournalLimits.WhenFull.DROP_OLDEST
                && bytes + sizes.segmentBytes() * 3L / 2 >= limits.bytesMax();
    }

    /** Whether room is to be made, before the limit is reached. */
    boolean isShort() {
        return bytes + sizes.segmentBytes() > limits.bytesMax() / SHARE_USED * (SHARE_USED - 1);
    }

    /** Whether segments that are there for their states alone take too much. */
    boolean isPinnedTooMuch(long pinnedBytes) {
        return pinnedBytes > limits.bytesMax() / SHARE_PINNED;
    }

    /** The segments that may go, in their order. */
    List<Segment> old() {
        return state.old(NEWEST_KEPT);
    }

    /** Frees what is not needed, as far as all up to the batch is forced. */
    void reclaim(long forcedBatch) {
        for (Segment segment : state.old(NEWEST_KEPT)) {
            if (segment.isFree(forcedBatch)) {
                state.drop(segment);
                bytes -= segment.bytes();
                leave.leave(JournalFormat.fileName(segment.number()), segment.isDamaged());
            }
        }
    }

    /** Drops what segments hold that were begun too long ago for anything in them to be kept. */
    void dropOld(long newestMax, Dropping dropping) {
        for (Segment segment : List.copyOf(state.segments().values())) {
            if (!segment.isSealed() || segment.newest() >= newestMax) {
                return;
            }
            dropAll(segment, dropping);
        }
    }

    private void dropAll(Segment segment, Dropping dropping) {
        if (!segment.hasUnsettled()) {
            return;
        }
        for (OutboxLog log : List.copyOf(state.outboxes().values())) {
            SegmentRange range = log.ranges().in(segment);
            if (range != null) {
                dropping.drop(log, range.first(), range.last() + 1);
            }
        }
    }

    /** Drops the oldest messages until there is room for another segment. */
    void makeRoom(long forcedBatch, Dropping dropping) {
        if (limits.whenFull() != JournalLimits.WhenFull.DROP_OLDEST) {
            return;
        }
        long expected = bytes;
        for (Segment segment : state.old(NEWEST_KEPT)) {
            if (expected + sizes.segmentBytes() <= limits.bytesMax()) {
                return;
            }
            expected -= segment.bytes(); // with live states as soon as these are moved
            dropAll(segment, dropping);
            reclaim(forcedBatch);
        }
    }
}
