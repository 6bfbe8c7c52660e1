// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.ArrayList;
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
        for (Segment segment : state.segments().values()) {
            long needed = segment.needed();
            for (SegmentRange range : segment.ranges()) {
                if (range.log().isSession() && range.unsettled() > 0) {
                    double part = (double) segment.bytes() * range.unsettled() / needed;
                    bytes.merge(range.log().owner(), part, Double::sum);
                    sum += part;
                }
            }
        }
        bytes.forEach((owner, held) -> {
            if (held > limits.sessionBytesMax()) {
                over.add(owner);
            }
        });
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
        for (SegmentRange range : List.copyOf(log.ranges())) {
            if (left <= 0) {
                break;
            }
            Segment segment = state.segments().get(range.segment());
            if (segment == null || range.unsettled() == 0) {
                continue;
            }
            double each = (double) segment.bytes() / segment.needed();
            long first = log.nextUnsettled(range.first());
            long to = Math.min(range.last() + 1, first + (long) Math.ceil(left / each));
            left -= each * log.unsettled(first, to);
            dropping.drop(log, first, to);
        }
        return excess - left;
    }
}
