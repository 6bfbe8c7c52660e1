// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.BitSet;

/**
 * One file of the journal, as the broker thread knows it: what in it is still needed. Offsets and sizes are bytes.
 *
 * <p>State numbers rise with each record that is written, so a segment's numbers are a range of its own, and those that are live are
 * bits counted from its first.
 */
final class Segment {

    /** More state records than fit into the bytes of a segment. */
    static final int STATES_MAX = 1 << 22;

    private final long number;
    private long firstState;
    /** How many deliveries in it are not settled; whose they are, the outboxes know. */
    private long unsettled;

    private final BitSet liveStates = new BitSet();
    /** Offsets of the frames in which this segment's state records stand, by state number from the first; while it is not sealed. */
    private long[] stateOffsets = new long[8];

    private int states;
    private int generation;
    private long bytes = JournalFormat.HEADER_BYTES;
    private long readable = JournalFormat.HEADER_BYTES;
    private boolean sealed;
    private boolean damaged;
    private long newest;
    private boolean freed;
    private boolean checkFree;
    /** Whether the reader thread works on its file. */
    private boolean inWork;
    /** What was needed of it when it was last found not worth rewriting, or {@link Long#MAX_VALUE}. */
    private long neededThen = Long.MAX_VALUE;

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

    /** Its first state record has a later number than was thought; before there is any. */
    void beginStates(long first) {
        firstState = first;
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

    /** It has so many more deliveries that are not settled. */
    void delivered(long count) {
        unsettled += count;
    }

    void settled(long count) {
        unsettled -= count;
        if (unsettled == 0) {
            checkFree = true;
        }
    }

    /** Counts the deliveries anew, after replaying. */
    void recount() {
        unsettled = 0;
    }

    /** Something here is given up by what the batch says, and needed until that is forced. */
    void replacedIn(long batch) {
        replacedIn = Math.max(replacedIn, batch);
        checkFree = true;
    }

    /** Notes a live state record in the frame at the offset. */
    void state(long stateNumber, long frameOffset) {
        long beyond = stateNumber - firstState;
        if (beyond < 0 || beyond >= STATES_MAX) {
            throw new IllegalStateException("%s: state number %d is none of its own, which begin at %d"
                    .formatted(this, stateNumber, firstState));
        }
        int index = (int) beyond;
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
        if (!sealed || freed || inWork || !checkFree || readable < bytes || replacedIn > forcedBatch) {
            return false;
        }
        checkFree = false;
        return liveStates.isEmpty() && unsettled == 0;
    }

    /** Deliveries and states in it that are needed. */
    long needed() {
        return liveStates.cardinality() + unsettled;
    }

    boolean hasUnsettled() {
        return unsettled > 0;
    }

    /** Something in its file cannot be read, which may be wanted by a person one day: it is never deleted. */
    void damaged() {
        damaged = true;
    }

    boolean isDamaged() {
        return damaged;
    }

    /** Something was written in it at that time, in milliseconds of the journal's clock. */
    void holds(long time) {
        newest = Math.max(newest, time);
    }

    /** The latest time at which something was written in it. */
    long newest() {
        return newest;
    }

    /** Begins work on the file of a sealed segment, during which it stays. */
    void beginWork() {
        inWork = true;
    }

    boolean isInWork() {
        return inWork;
    }

    /** Whether rewriting it may be worth while: not tried before, or far less of it is needed since. */
    boolean mayBeSparse() {
        return neededThen == Long.MAX_VALUE || needed() <= neededThen / 2;
    }

    void endWork() {
        inWork = false;
        checkFree = true;
        neededThen = needed();
    }

    /** Much of what was needed when work ended is about to be needed no more. */
    void mayBeSparseAgain() {
        neededThen = Long.MAX_VALUE;
    }

    /** It has another file of the same name, with what is needed of it. */
    void rewritten(int newGeneration, long newBytes) {
        generation = newGeneration;
        restore(newBytes);
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
