// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * One file of the journal, as the broker thread knows it: what in it is still needed. Offsets and sizes are bytes.
 *
 * <p>State numbers rise with each record that is written, so a segment's numbers are a range of its own, and those that are live are
 * bits counted from its first.
 */
final class Segment {

    private final long number;
    private final int generation;
    private final long firstState;
    private final Map<Long, SegmentRange> ranges = new HashMap<>();
    private final BitSet liveStates = new BitSet();
    /** Offsets of the frames in which this segment's state records stand, by state number from the first; while it is not sealed. */
    private long[] stateOffsets = new long[8];

    private int states;
    private long bytes = JournalFormat.HEADER_BYTES;
    private long readable = JournalFormat.HEADER_BYTES;
    private boolean sealed;
    private boolean freed;
    private boolean checkFree;
    /** The batch that must be forced before the segment may go, because it says what has taken the place of something here. */
    private long replacedIn;

    /** @param firstState the number that the next state record gets */
    Segment(long number, int generation, long firstState) {
        this.number = number;
        this.generation = generation;
        this.firstState = firstState;
    }

    long number() {
        return number;
    }

    int generation() {
        return generation;
    }

    long firstState() {
        return firstState;
    }

    /** Bytes given out so far, written or not. */
    long bytes() {
        return bytes;
    }

    /** Bytes that are written, so that a reader finds whole frames up to here. */
    long readable() {
        return readable;
    }

    /** Gives out room for a frame; its offset. */
    long take(long frameBytes) {
        long offset = bytes;
        bytes += frameBytes;
        return offset;
    }

    void written(long end) {
        readable = Math.max(readable, end);
    }

    void restore(long size) {
        bytes = size;
        readable = size;
    }

    boolean isSealed() {
        return sealed;
    }

    void seal() {
        sealed = true;
        checkFree = true;
        stateOffsets = new long[0];
    }

    SegmentRange range(OutboxLog log, long sequence) {
        return ranges.computeIfAbsent(log.owner(), owner -> new SegmentRange(this, log, sequence, sequence - 1));
    }

    void restoreRange(OutboxLog log, long first, long last) {
        SegmentRange range = new SegmentRange(this, log, first, last);
        ranges.put(log.owner(), range);
        log.ranges().add(range);
    }

    Collection<SegmentRange> ranges() {
        return ranges.values();
    }

    void rangeDone() {
        checkFree = true;
    }

    /** Something here is given up by what the batch says, and needed until that is forced. */
    void replacedIn(long batch) {
        replacedIn = Math.max(replacedIn, batch);
        checkFree = true;
    }

    /** Drops the ranges in which nothing is left. */
    void forgetDoneRanges() {
        ranges.values().removeIf(range -> {
            if (range.isSettled()) {
                range.log().forget(range);
            }
            return range.isSettled();
        });
    }

    /** Notes a live state record in the frame at the offset. */
    void state(long stateNumber, long frameOffset) {
        int index = (int) (stateNumber - firstState);
        liveStates.set(index);
        if (index >= stateOffsets.length) {
            stateOffsets = java.util.Arrays.copyOf(stateOffsets, Math.max(index + 1, 2 * stateOffsets.length));
        }
        stateOffsets[index] = frameOffset;
        states = Math.max(states, index + 1);
    }

    long stateOffset(long stateNumber) {
        return stateOffsets[(int) (stateNumber - firstState)];
    }

    boolean isStateLive(long stateNumber) {
        long index = stateNumber - firstState;
        return index >= 0 && index < states && liveStates.get((int) index);
    }

    void stateDead(long stateNumber, long batch) {
        liveStates.clear((int) (stateNumber - firstState));
        replacedIn(batch);
    }

    BitSet liveStates() {
        return liveStates;
    }

    /** How many state numbers it has given out. */
    int states() {
        return states;
    }

    /** Whether anything but its header is written. */
    boolean isBegun() {
        return readable > JournalFormat.HEADER_BYTES;
    }

    /** Whether it is sealed and nothing in it is needed any more. */
    boolean isFree(long forcedBatch) {
        if (!sealed || freed || !checkFree || readable < bytes || replacedIn > forcedBatch) {
            return false;
        }
        checkFree = false;
        if (!liveStates.isEmpty()) {
            return false;
        }
        forgetDoneRanges();
        return ranges.isEmpty();
    }

    void free() {
        freed = true;
    }

    /** Whether its file is gone or about to go. */
    boolean isFreed() {
        return freed;
    }

    @Override
    public String toString() {
        return "segment " + JournalFormat.fileName(number);
    }
}
