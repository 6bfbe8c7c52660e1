// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.memory.Budget;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the journal's records amount to: outboxes, packet identifiers that came in with QoS 2, and which state records are live, with
 * the segments in which all that lies. Appending and replaying change it through the same methods. Lives on the broker thread, and
 * before that on the thread that recovers.
 */
final class JournalState {

    private final Budget memory;
    private final NavigableMap<Long, Segment> segments = new TreeMap<>();
    private final NavigableMap<Long, Segment> segmentsByFirstState = new TreeMap<>();
    private final Map<Long, OutboxLog> outboxes = new TreeMap<>();
    private final Map<Long, BitSet> received = new HashMap<>();
    private final MovedStates moved = new MovedStates();
    private long segmentMax;
    /** What every outbox leaves out at its beginning. */
    private long skipped;

    private long nextOwner = 1;
    private long nextState = 1;

    /** With whatever memory it needs. */
    JournalState() {
        this(new Budget("journal", Long.MAX_VALUE));
    }

    /** @param memory what is charged with what is known of each outbox in each segment */
    JournalState(Budget memory) {
        this.memory = memory;
    }

    NavigableMap<Long, Segment> segments() {
        return segments;
    }

    Map<Long, OutboxLog> outboxes() {
        return outboxes;
    }

    /** For each owner the packet identifiers that came in with QoS 2 and were not released. */
    Map<Long, BitSet> received() {
        return received;
    }

    long nextState() {
        return nextState;
    }

    long nextOwner() {
        return nextOwner;
    }

    void restoreNext(long owner, long state) {
        nextOwner = Math.max(nextOwner, owner);
        nextState = Math.max(nextState, state);
    }

    /** Leaves out numbers, of everything that has one. */
    void skip(long many) {
        nextOwner += many;
        nextState += many;
        outboxes.values().forEach(log -> log.skip(many));
        skipped = many;
    }

    long takeOwner() {
        return nextOwner++;
    }

    long takeState() {
        return nextState++;
    }

    /** Numbers up to this one are taken by files, whatever is in them. */
    void segmentsUpTo(long number) {
        segmentMax = Math.max(segmentMax, number);
    }

    /** The number of the segment that is begun next. */
    long nextSegment() {
        return segmentMax + 1;
    }

    void add(Segment segment) {
        segmentsUpTo(segment.number());
        segments.put(segment.number(), segment);
        // A segment without state records shares its first number with the next one; the later one is the one that has
        // it.
        segmentsByFirstState.put(segment.firstState(), segment);
    }

    void drop(Segment segment) {
        segments.remove(segment.number());
        segmentsByFirstState.remove(segment.firstState(), segment);
        segment.free();
    }

    OutboxLog outbox(long owner) {
        nextOwner = Math.max(nextOwner, owner + 1);
        return outboxes.computeIfAbsent(owner, this::newOutbox);
    }

    private OutboxLog newOutbox(long owner) {
        OutboxLog log = new OutboxLog(owner, segments, memory);
        if (skipped > 0) {
            log.skip(skipped);
            log.resume();
        }
        return log;
    }

    void received(long owner, int packetId) {
        received.computeIfAbsent(owner, any -> new BitSet()).set(packetId);
    }

    void completed(long owner, int packetId) {
        BitSet ids = received.get(owner);
        if (ids != null) {
            ids.clear(packetId);
            if (ids.isEmpty()) {
                received.remove(owner);
            }
        }
    }

    /** A state record was written in a batch, replacing another unless that is 0. */
    void stated(long number, long replaced, Segment segment, long frameOffset, long batch) {
        if (segment.states() == 0 && number > segment.firstState()) {
            rebase(segment, number);
        }
        segment.state(number, frameOffset);
        nextState = Math.max(nextState, number + 1);
        if (replaced != 0) {
            dead(replaced, batch);
        }
    }

    /** While replaying: numbers went ahead after damage, before the segment was begun. */
    private void rebase(Segment segment, long first) {
        segmentsByFirstState.remove(segment.firstState(), segment);
        segment.beginStates(first);
        segmentsByFirstState.put(first, segment);
    }

    /** Whether the number is a live state's. */
    boolean isLive(long number) {
        Map.Entry<Long, Segment> entry = segmentsByFirstState.floorEntry(number);
        return entry != null && entry.getValue().isStateLive(number);
    }

    /** The number of a state that is given up, by the number by which its owner knows it. */
    long leave(long known) {
        return known == 0 ? 0 : moved.leave(known);
    }

    /** A state was written again under another number, by what the batch says; its owner need not know. */
    void moved(long from, long to, Segment segment, long frameOffset, long batch) {
        moved.moved(from, to);
        stated(to, from, segment, frameOffset, batch);
    }

    /** A state is no more, by what the batch says. */
    void dead(long number, long batch) {
        Map.Entry<Long, Segment> entry = segmentsByFirstState.floorEntry(number);
        if (entry != null && entry.getValue().isStateLive(number)) {
            entry.getValue().stateDead(number, batch);
        }
    }

    /** An owner is no more, by what the batch says. */
    void removeOwner(long owner, long batch) {
        OutboxLog log = outboxes.remove(owner);
        if (log != null) {
            log.remove(batch);
        }
        received.remove(owner);
    }

    /** What one record of a replayed batch does; the batch is safe already. */
    void replay(JournalRecord record, Segment segment, long frameOffset, long batch) {
        switch (record) {
            case JournalRecord.Stored stored -> {
                for (JournalRecord.Receiver receiver : stored.receivers()) {
                    outbox(receiver.owner()).replayed(receiver.sequence(), segment);
                }
                if (stored.receivedFrom() != 0) {
                    received(stored.receivedFrom(), stored.packetId());
                }
                if (stored.retainedNumber() != 0) {
                    stated(stored.retainedNumber(), stored.replacedNumber(), segment, frameOffset, batch);
                } else if (stored.replacedNumber() != 0) {
                    dead(stored.replacedNumber(), batch);
                }
            }
            case JournalRecord.Settled settled -> outbox(settled.owner()).settle(settled.from(), settled.to());
            case JournalRecord.Reserved reserved -> outbox(reserved.owner()).reserve(reserved.bound(), 0);
            case JournalRecord.Released released ->
                outbox(released.owner()).released().add(released.sequence());
            case JournalRecord.Received in -> received(in.owner(), in.packetId());
            case JournalRecord.Completed completed -> completed(completed.owner(), completed.packetId());
            case JournalRecord.State state -> {
                stated(state.number(), state.replaced(), segment, frameOffset, batch);
                outboxOf(state.state());
            }
            case JournalRecord.Noted ignored -> {}
            case JournalRecord.Removed removed -> {
                removed.numbers().forEach(number -> dead(number, batch));
                if (removed.owner() != 0) {
                    removeOwner(removed.owner(), batch);
                }
            }
        }
    }

    /** Makes the outbox known whose owner's state that is, if it is one's. */
    void outboxOf(DurableState state) {
        switch (state) {
            case DurableState.SessionState session -> outbox(session.owner()).belongsTo(state);
            case DurableState.BridgeState bridge -> outbox(bridge.owner()).belongsTo(state);
            case DurableState.ShareState share -> outbox(share.owner()).belongsTo(state);
            case DurableState.SubscriptionState ignored -> {}
            case DurableState.RetainedState ignored -> {}
        }
    }

    /**
     * All segments but the newest, as far as they are on disk. When something of a segment is written, all before it is forced, so
     * with three of them kept there are two footers that are safe and newer than everything old.
     */
    List<Segment> old(int newestKept) {
        List<Segment> begun = new ArrayList<>(segments.size());
        for (Segment segment : segments.values()) {
            if (segment.isBegun()) {
                begun.add(segment);
            }
        }
        return begun.subList(0, Math.max(0, begun.size() - newestKept));
    }
}
