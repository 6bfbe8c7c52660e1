// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

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

    private final NavigableMap<Long, Segment> segments = new TreeMap<>();
    private final NavigableMap<Long, Segment> segmentsByFirstState = new TreeMap<>();
    private final Map<Long, OutboxLog> outboxes = new TreeMap<>();
    private final Map<Long, BitSet> received = new HashMap<>();
    private long nextOwner = 1;
    private long nextState = 1;

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

    long takeOwner() {
        return nextOwner++;
    }

    long takeState() {
        return nextState++;
    }

    void add(Segment segment) {
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
        return outboxes.computeIfAbsent(owner, OutboxLog::new);
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

    /** A state record was written, replacing another unless that is 0. */
    void stated(long number, long replaced, Segment segment, long frameOffset) {
        nextState = Math.max(nextState, number + 1);
        segment.state(number, frameOffset);
        if (replaced != 0) {
            dead(replaced);
        }
    }

    void dead(long number) {
        Map.Entry<Long, Segment> entry = segmentsByFirstState.floorEntry(number);
        if (entry != null && entry.getValue().liveStates().get((int) (number - entry.getKey()))) {
            entry.getValue().stateDead(number);
        }
    }

    /** An owner is no more. */
    void removeOwner(long owner) {
        OutboxLog log = outboxes.remove(owner);
        if (log != null) {
            log.remove();
        }
        received.remove(owner);
    }

    /** What one record of a replayed batch does. */
    void replay(JournalRecord record, Segment segment, long frameOffset) {
        switch (record) {
            case JournalRecord.Stored stored -> {
                for (JournalRecord.Receiver receiver : stored.receivers()) {
                    outbox(receiver.owner()).delivered(receiver.sequence(), segment);
                }
                if (stored.receivedFrom() != 0) {
                    received(stored.receivedFrom(), stored.packetId());
                }
                if (stored.retainedNumber() != 0) {
                    stated(stored.retainedNumber(), stored.replacedNumber(), segment, frameOffset);
                } else if (stored.replacedNumber() != 0) {
                    dead(stored.replacedNumber());
                }
            }
            case JournalRecord.Settled settled -> outbox(settled.owner()).settle(settled.from(), settled.to());
            case JournalRecord.Reserved reserved -> outbox(reserved.owner()).reserve(reserved.bound(), 0);
            case JournalRecord.Released released ->
                outbox(released.owner()).released().add(released.sequence());
            case JournalRecord.Received in -> received(in.owner(), in.packetId());
            case JournalRecord.Completed completed -> completed(completed.owner(), completed.packetId());
            case JournalRecord.State state -> {
                stated(state.number(), state.replaced(), segment, frameOffset);
                outboxOf(state.state());
            }
            case JournalRecord.Removed removed -> {
                removed.numbers().forEach(this::dead);
                if (removed.owner() != 0) {
                    removeOwner(removed.owner());
                }
            }
        }
    }

    private void outboxOf(DurableState state) {
        switch (state) {
            case DurableState.SessionState session -> outbox(session.owner());
            case DurableState.BridgeState bridge -> outbox(bridge.owner());
            case DurableState.SubscriptionState ignored -> {}
            case DurableState.RetainedState ignored -> {}
        }
    }

    /** Sealed segments in which nothing is needed any more, without the newest ones, which vouch for a damaged footer. */
    List<Segment> free(int newestKept) {
        List<Segment> free = new ArrayList<>();
        int candidates = segments.size() - newestKept;
        for (Segment segment : segments.values()) {
            if (candidates-- <= 0) {
                break;
            }
            if (segment.isFree()) {
                free.add(segment);
            }
        }
        return free;
    }
}
