// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.memory.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** More sequences than anything can have in a segment; a footer that tells of more has a right checksum and is wrong. */
    private static final long RANGE_MAX = 1L << 60;

    private final long owner;
    private final SequenceSet settled = new SequenceSet(0);
    private final NavigableSet<Long> released = new TreeSet<>();
    private final SegmentRanges ranges;
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

    /**
     * @param segments all of the journal, by their numbers
     * @param memory what is charged with what it remembers of them
     */
    OutboxLog(long owner, Map<Long, Segment> segments, Budget memory) {
        this.owner = owner;
        this.ranges = new SegmentRanges(segments, memory);
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

    /** In which segments its deliveries lie. */
    SegmentRanges ranges() {
        return ranges;
    }

    /** Notes that a segment has a delivery, in rising sequence; what is skipped before it in that segment counts unless it is settled. */
    void delivered(long sequence, Segment segment) {
        if (sequence <= ranges.last()) {
            return; // replayed, and known from before
        }
        if (ranges.endsIn(segment)) {
            segment.delivered(unsettled(ranges.last() + 1, sequence + 1));
            ranges.extend(sequence);
        } else {
            segment.delivered(unsettled(sequence, sequence + 1));
            ranges.add(segment, sequence, sequence);
        }
        next = Math.max(next, sequence + 1);
    }

    /** As {@link #delivered}, while replaying, where a segment may have lost what it held, or go on after a restart. */
    void replayed(long sequence, Segment segment) {
        if (ranges.endsIn(segment) && sequence > ranges.last() + 1) {
            if (skipped == null) {
                skipped = new SequenceSet(0);
            }
            skipped.add(ranges.last() + 1, sequence);
        }
        delivered(sequence, segment);
    }

    /** Takes over what a sealed segment says that it has, as far as it is not known to be settled; the last sequence is inclusive. */
    void restore(Segment segment, long first, long last) {
        long from = Math.max(first, ranges.last() + 1);
        boolean possible = from <= last && last - from <= RANGE_MAX && !ranges.endsIn(segment);
        if (possible && unsettled(from, last + 1) > 0) {
            ranges.add(segment, from, last);
        }
    }

    /** Settles a run; the segments that lose by it are asked whether they are free. */
    long settle(long from, long to) {
        long added = 0;
        List<Segment> done = List.of();
        SegmentRanges.Cursor at = ranges.cursor(from);
        while (at.next() && at.first() < to) {
            long settledHere = settled.add(Math.max(from, at.first()), Math.min(to, at.last() + 1));
            if (settledHere > 0) {
                at.segment().settled(settledHere);
                added += settledHere;
                done = withDone(done, at);
            }
        }
        forget(done);
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

    /** With the segment of a range in which nothing is unsettled, and to which nothing can be added; most often there is none. */
    private List<Segment> withDone(List<Segment> done, SegmentRanges.Cursor at) {
        if (unsettled(at.first(), at.last() + 1) > 0 || !at.segment().isSealed()) {
            return done;
        }
        List<Segment> more = done.isEmpty() ? new ArrayList<>() : done;
        more.add(at.segment());
        return more;
    }

    private void forget(List<Segment> done) {
        if (!done.isEmpty()) {
            done.forEach(ranges::remove);
        }
    }

    /** The segment is about to be sealed: its range is forgotten if nothing in it is unsettled. */
    void sealing(Segment segment) {
        if (ranges.endsIn(segment) && unsettled(ranges.firstOfNewest(), ranges.last() + 1) == 0) {
            ranges.remove(segment);
        }
    }

    /**
     * After replaying: the next sequence is beyond what was reserved, and what no segment has is settled, because it was never
     * written, was settled by what is lost, or is lost itself.
     */
    void resume() {
        next = Math.max(next, reserved);
        reservedForced = reserved;
        long at = settled.floor();
        SegmentRanges.Cursor held = ranges.cursor();
        while (held.next()) {
            settleLost(at, held.first());
            at = held.last() + 1;
        }
        settleLost(at, next);
        SequenceSet holes = skipped;
        skipped = null;
        for (int run = 0; holes != null && run < holes.runCount(); run++) {
            settleLost(holes.runStart(run), holes.runEnd(run));
        }
        SegmentRanges.Cursor left = ranges.cursor();
        List<Segment> done = List.of();
        while (left.next()) {
            left.segment().delivered(unsettled(left.first(), left.last() + 1));
            done = withDone(done, left);
        }
        forget(done);
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
        SegmentRanges.Cursor at = ranges.cursor();
        while (at.next()) {
            at.segment().settled(unsettled(at.first(), at.last() + 1));
            at.segment().replacedIn(batch);
        }
        ranges.clear();
        released.clear();
    }

    @Override
    public String toString() {
        return (session ? "session " : "bridge ") + name;
    }
}
