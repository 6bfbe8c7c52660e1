// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much of the disk sessions hold. Those whose deliveries keep a segment share its bytes, each by the number of its own, so that
 * all together never hold more than there is. Looked at now and then, not at each message. Lives on the broker thread.
 */
final class SessionShares {

    private final JournalState state;
    private final JournalLimits limits;
    private final Map<Long, Double> bytes = new HashMap<>();
    private final Set<Long> over = new HashSet<>();
    private double sum;

    SessionShares(JournalState state, JournalLimits limits) {
        this.state = state;
        this.limits = limits;
    }

    /** Counts anew. */
    void measure(long journalBytes) {
        bytes.clear();
        over.clear();
        sum = 0;
        if (journalBytes <= Math.min(limits.sessionBytesMax(), limits.sessionsBytesMax())) {
            return;
        }
        Segment[] segments = state.segments().values().toArray(new Segment[0]);
        double[] each =
                Arrays.stream(segments).mapToDouble(SessionShares::bytesEach).toArray();
        for (OutboxLog log : state.outboxes().values()) {
            double held = log.isSession() ? held(log, segments, each) : 0;
            if (held > 0) {
                bytes.put(log.owner(), held);
                sum += held;
            }
            if (held > limits.sessionBytesMax()) {
                over.add(log.owner());
            }
        }
    }

    private static double held(OutboxLog log, Segment[] segments, double[] each) {
        double held = 0;
        int index = 0;
        SegmentRanges.Cursor at = log.ranges().cursor();
        while (at.next()) {
            while (segments[index].number() < at.number()) {
                index++;
            }
            held += each[index] * log.unsettled(at.first(), at.last() + 1);
        }
        return held;
    }

    /** What one of those who need a segment has to answer for, for each delivery. */
    private static double bytesEach(Segment segment) {
        return (double) segment.bytes() / Math.max(1, segment.needed());
    }

    /** Whether a session may take nothing more, as of when it was last measured. */
    boolean isOver(OutboxLog log) {
        return log.isSession() && (sum > limits.sessionsBytesMax() || over.contains(log.owner()));
    }

    /** Drops the oldest of the sessions that hold too much, of the largest first. */
    void dropOldest(JournalSpace.Dropping dropping) {
        List<Long> largest = new ArrayList<>(bytes.keySet());
        largest.sort(Comparator.comparing((Long owner) -> bytes.getOrDefault(owner, 0.0))
                .reversed());
        for (long owner : largest) {
            double held = bytes.getOrDefault(owner, 0.0);
            double excess = Math.max(held - limits.sessionBytesMax(), Math.min(held, sum - limits.sessionsBytesMax()));
            if (excess > 0) {
                double dropped = dropOldest(state.outbox(owner), excess, dropping);
                bytes.put(owner, held - dropped);
                sum -= dropped;
                over.remove(owner);
            }
        }
    }

    private double dropOldest(OutboxLog log, double excess, JournalSpace.Dropping dropping) {
        double left = excess;
        SegmentRange range = log.ranges().atOrAfter(log.floor());
        while (range != null && left > 0) {
            double each = bytesEach(range.segment());
            long first = log.nextUnsettled(range.first());
            long to = Math.min(range.last() + 1, first + (long) Math.ceil(left / each));
            if (first < to) {
                left -= each * log.unsettled(first, to);
                dropping.drop(log, first, to);
            }
            range = log.ranges().atOrAfter(range.last() + 1);
        }
        return excess - left;
    }
}
