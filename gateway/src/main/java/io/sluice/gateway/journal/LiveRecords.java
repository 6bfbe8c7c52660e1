// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What is needed of a segment, as of one moment; afterwards it can only be less. Made on the broker thread, read on the reader
 * thread.
 */
final class LiveRecords {

    private final long firstState;
    private final BitSet states;
    private final Map<Long, Unsettled> unsettled = new HashMap<>();

    /** The sequences from one to another, inclusive, that are not in a set. */
    private record Unsettled(long first, long last, SequenceSet settled) {}

    /** @param outboxes all that may have something in it */
    LiveRecords(Segment segment, Collection<OutboxLog> outboxes) {
        this.firstState = segment.firstState();
        this.states = (BitSet) segment.liveStates().clone();
        for (OutboxLog log : outboxes) {
            SegmentRange range = log.ranges().in(segment);
            if (range != null) {
                SequenceSet settled = log.settled().within(range.first(), range.last() + 1);
                unsettled.put(log.owner(), new Unsettled(range.first(), range.last(), settled));
            }
        }
    }

    boolean isLive(long stateNumber) {
        return stateNumber >= firstState && states.get((int) (stateNumber - firstState));
    }

    boolean isUnsettled(long owner, long sequence) {
        Unsettled of = unsettled.get(owner);
        return of != null
                && sequence >= of.first()
                && sequence <= of.last()
                && !of.settled().contains(sequence);
    }

    long firstState() {
        return firstState;
    }
}
