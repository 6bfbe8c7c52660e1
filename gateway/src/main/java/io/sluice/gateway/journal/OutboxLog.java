// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the journal knows of one outbox: which sequences were given out, which are settled, and in which segments the others lie.
 * Lives on the broker thread.
 */
public final class OutboxLog {

    /**
     * Sequences are reserved in blocks of this size, two at a time when two are left; after a restart the next one begins a new
     * block. Two are more than a busy plant needs until a reservation is forced, and no more than an eighth of all packet
     * identifiers is passed over by a restart.
     */
    static final long RESERVED_BLOCK = 2_048;

    private final long owner;
    private final SequenceSet settled = new SequenceSet(0);
    private final NavigableSet<Long> released = new TreeSet<>();
    private final List<SegmentRange> ranges = new ArrayList<>();
    private final DeferredDeliveries deferred;
    private long next;
    private long reserved;
    private long reservedForced;
    private long reservedBatch;
    private boolean removed;
    private boolean session;
    private String name = "";
    /** While replaying: sequences that a segment skips. */
    private @Nullable SequenceSet skipped;

    OutboxLog(long owner) {
        this.owner = owner;
        this.deferred = new DeferredDeliveries(owner);
    }

    /** The session's or bridge outbox's number in the journal. */
    public long owner() {
        return owner;
    }

    /** Takes from its owner's state what people are told. */
    void belongsTo(DurableState state) {
        switch (state) {
            case DurableState.SessionState of -> {
                session = true;
                name = of.clientId();
            }
            case DurableState.BridgeState of -> name = of.bridge() + ": " + of.rule();
            case DurableState.ShareState of -> {
                session = true; // its members are
                name = of.filter().toString();
            }
            case DurableState.SubscriptionState ignored -> {}
            case DurableState.RetainedState ignored -> {}
        }
    }

    /** Whether it is a session's or shared by some; else it is a bridge's, which comes first. */
    public boolean isSession() {
        return session;
    }

    /** The client identifier, the shared filter, or the names of bridge and rule. */
    public String name() {
        return name;
    }

    /** The sequence that the next delivery gets. */
    public long next() {
        return next;
    }

    /** The lowest sequence that may be unsettled. */
    public long floor() {
        return settled.floor();
    }

    public boolean isSettled(long sequence) {
        return settled.contains(sequence);
    }

    /** The first sequence from one on that is not settled. */
    long nextUnsettled(long sequence) {
        return settled.nextAbsent(sequence);
    }

    /** The sequence after so many that are not settled. */
    public long afterUnsettled(long count) {
        return Math.min(next, settled.afterAbsent(count));
    }

    /** Deliveries that are not settled, in memory and on disk. */
    public long depth() {
        return next - settled.count(0, next);
    }

    /** Unsettled sequences from one up to another, exclusive. */
    public long unsettled(long from, long to) {
        return Math.max(0, to - from) - settled.count(from, to);
    }

    /** Deliveries for which PUBREC was seen and PUBCOMP was not, in order. */
    public NavigableSet<Long> released() {
        return released;
    }

    public boolean isReleased(long sequence) {
        return !released.isEmpty() && released.contains(sequence);
    }

    /** Whether its owner is gone; nothing may be done with it any more. */
    public boolean isRemoved() {
        return removed;
    }

    long take() {
        return next++;
    }

    /** Whether it makes sense to wait for what it gets to be settled: what was waited for of late was settled, or is by now. */
    public boolean keepsUp() {
        return !deferred.isSlow(floor());
    }

    /** Its memory has let go what it had not handed out, so that all that comes must be written until it is settled. */
    public void fellBehind() {
        deferred.slow(next);
    }

    /** Its deliveries that are in no batch yet. */
    DeferredDeliveries deferred() {
        return deferred;
    }

    long reserved() {
        return reserved;
    }

    boolean needsReservation(long forcedBatch) {
        noteForced(forcedBatch);
        return next + 2 * RESERVED_BLOCK > reserved;
    }

    void reserve(long bound, long batch) {
        reserved = bound;
        reservedBatch = batch;
    }

    /** Leaves out sequences, before {@link #resume}. */
    void skip(long many) {
        next = Math.max(next, reserved) + many;
    }

    /** Whether the sequence can never be given out again after a crash, so that it may be sent before its record is forced. */
    boolean isReserved(long sequence, long forcedBatch) {
        noteForced(forcedBatch);
        return sequence < reservedForced;
    }

    private void noteForced(long forcedBatch) {
        if (reservedBatch <= forcedBatch) {
            reservedForced = reserved;
        }
    }

    /** The batch after which no restart can give the latest sequences to another message. */
    public long reservedBatch() {
        return reservedBatch;
    }

    /** Whether few sequences are left that can be sent before the reservation of more is forced. */
    boolean awaitsReservation() {
        return next + RESERVED_BLOCK / 4 >= reservedForced;
    }

    SequenceSet settled() {
        return settled;
    }

    List<SegmentRange> ranges() {
        return ranges;
    }

    /** The first range that has the sequence or a later one, or null. */
    @Nullable
    SegmentRange rangeAtOrAfter(long sequence) {
        int index = rangeIndex(sequence);
        return index < ranges.size() ? ranges.get(index) : null;
    }

    /** The index of the first range whose last sequence is not below. */
    private int rangeIndex(long sequence) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).last() >= sequence) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Notes that a segment has a delivery. */
    void delivered(long sequence, Segment segment) {
        SegmentRange range = ranges.isEmpty() ? null : ranges.getLast();
        if (range == null || range.segment() != segment.number()) {
            range = segment.range(this, sequence);
            ranges.add(range);
        }
        range.extend(sequence, settled);
        next = Math.max(next, sequence + 1);
    }

    /** As {@link #delivered}, while replaying, where a segment may have lost what it held, or go on after a restart. */
    void replayed(long sequence, Segment segment) {
        SegmentRange range = ranges.isEmpty() ? null : ranges.getLast();
        if (range != null && range.segment() == segment.number() && sequence > range.last() + 1) {
            if (skipped == null) {
                skipped = new SequenceSet(0);
            }
            skipped.add(range.last() + 1, sequence);
        }
        delivered(sequence, segment);
    }

    /** Settles a run; the segments that lose by it are asked whether they are free. */
    long settle(long from, long to) {
        long added = 0;
        for (int i = rangeIndex(from); i < ranges.size() && ranges.get(i).first() < to; ) {
            SegmentRange range = ranges.get(i);
            long settledHere = settled.add(Math.max(from, range.first()), Math.min(to, range.last() + 1));
            range.settle(settledHere);
            added += settledHere;
            if (range.isDone()) {
                ranges.remove(i);
            } else {
                i++;
            }
        }
        added += settled.add(from, to);
        if (!released.isEmpty()) {
            released.subSet(from, to).clear();
        }
        return added;
    }

    /** Settles a sequence under which nothing was written: after a restart it counts as settled anyway. */
    public void settleUnwritten(long sequence) {
        if (!removed) {
            settle(sequence, sequence + 1);
        }
    }

    /** Forgets a range whose segment was sealed with nothing of it left. */
    void forget(SegmentRange range) {
        ranges.remove(range);
    }

    /**
     * After replaying: the next sequence is beyond what was reserved, and what no segment has is settled, because it was never
     * written, was settled by what is lost, or is lost itself.
     */
    void resume() {
        next = Math.max(next, reserved);
        reservedForced = reserved;
        long at = settled.floor();
        for (SegmentRange range : ranges) {
            settleLost(at, range.first());
            at = Math.max(at, range.last() + 1);
        }
        settleLost(at, next);
        SequenceSet holes = skipped;
        skipped = null;
        for (int run = 0; holes != null && run < holes.runCount(); run++) {
            settleLost(holes.runStart(run), holes.runEnd(run));
        }
        for (SegmentRange range : ranges) {
            range.recount(settled);
        }
        ranges.removeIf(SegmentRange::isDone);
        released.removeIf(settled::contains);
    }

    /** Of a released delivery only the sequence is needed, so that it is not lost with its message. */
    private void settleLost(long from, long to) {
        long at = from;
        for (long kept : released.subSet(from, Math.max(from, to))) {
            settled.add(at, kept);
            at = kept + 1;
        }
        settled.add(at, to);
    }

    /** Its owner is gone, by what the batch says. */
    void remove(long batch) {
        removed = true;
        for (SegmentRange range : ranges) {
            range.abandon(batch);
        }
        ranges.clear();
        released.clear();
    }

    @Override
    public String toString() {
        return (session ? "session " : "bridge ") + name;
    }
}
