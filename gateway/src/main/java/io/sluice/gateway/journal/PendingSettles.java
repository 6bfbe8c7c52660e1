// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.HashMap;
import java.util.Map;

/** Settled runs that wait for the next batch, joined where they touch, so that a thousand acknowledgements are one record. */
final class PendingSettles {

    private final Map<Long, SequenceSet> byOwner = new HashMap<>();

    void add(long owner, long from, long to) {
        byOwner.computeIfAbsent(owner, any -> new SequenceSet(0)).add(from, to);
    }

    void forget(long owner) {
        byOwner.remove(owner);
    }

    boolean isEmpty() {
        return byOwner.isEmpty();
    }

    void drainTo(RecordBuffer out) {
        byOwner.forEach((owner, runs) -> {
            if (runs.floor() > 0) {
                out.settled(owner, 0, runs.floor());
            }
            for (int run = 0; run < runs.runCount(); run++) {
                out.settled(owner, runs.runStart(run), runs.runEnd(run));
            }
        });
        byOwner.clear();
    }
}
