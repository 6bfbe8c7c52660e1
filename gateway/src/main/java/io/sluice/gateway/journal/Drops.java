// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.RareLog;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Counts what is dropped, by reason and owner, and tells of it now and then. Lives on the broker thread. */
final class Drops {

    private static final System.Logger LOG = System.getLogger(Drops.class.getName());

    private final Map<DropReason, Long> byReason = new EnumMap<>(DropReason.class);
    private final Map<DropReason, RareLog> logs = new EnumMap<>(DropReason.class);
    private final Map<Long, Map<DropReason, Long>> byOwner = new TreeMap<>();

    /** @param clock milliseconds */
    Drops(LongSupplier clock) {
        for (DropReason reason : DropReason.values()) {
            byReason.put(reason, 0L);
            logs.put(reason, new RareLog(LOG, clock));
        }
    }

    void count(OutboxLog log, DropReason reason, long count) {
        if (count == 0) {
            return;
        }
        long total = byReason.merge(reason, count, Long::sum);
        long ofOwner = byOwner.computeIfAbsent(log.owner(), any -> new EnumMap<>(DropReason.class))
                .merge(reason, count, Long::sum);
        RareLog rare = logs.get(reason);
        if (rare != null) {
            rare.warn("%s: messages are dropped, because %s: %,d of it and %,d in all since the start"
                    .formatted(log, reason.text(), ofOwner, total));
        }
    }

    Map<DropReason, Long> byReason() {
        return Map.copyOf(byReason);
    }

    /** What was dropped of one outbox. */
    Map<DropReason, Long> of(long owner) {
        return Map.copyOf(byOwner.getOrDefault(owner, Map.of()));
    }

    /** An owner is no more; what was dropped of it stays in the sums. */
    void forget(long owner) {
        byOwner.remove(owner);
    }
}
