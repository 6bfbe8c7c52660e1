// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.memory.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What all connections hold outside of the heap: packets that wait for a socket, and packets that have not come whole. The more of the
 * budget is taken, the less may wait for one socket, until nothing is sent before something has gone out. Then those that have
 * not read for a while make room for those that do, and when the budget is exceeded all the same, whoever holds the most does. On the
 * broker thread.
 */
public final class SocketMemory {

    /** What one socket may have waiting, in bytes, however much there is. */
    private static final long SHARE_MAX = 1 << 20;

    /** One socket may have one part in so many of what is left. */
    private static final int SHARE = 8;

    /** One part in so many is kept for what comes in, and for answers. */
    private static final int RESERVE = 4;

    /** How long a client may take nothing while others wait for its memory. */
    private static final Duration STALL_MAX = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(SocketMemory.class.getName());

    private final Budget budget;
    private final Loop loop;
    private final LongSupplier clock;
    private final RareLog log;
    private final Set<Holder> holders = new LinkedHashSet<>();
    /** Those that have nothing under way and may not send. */
    private final Set<Holder> waiting = new LinkedHashSet<>();

    private boolean lookDue;
    private boolean wakeDue;
    private boolean relieving;

    /** A connection. */
    interface Holder {

        /** What it holds, in bytes. */
        long held();

        /** Hands to the socket what has gathered. */
        void flush();

        /** When something of what waits has gone out last, or began to wait, in milliseconds; the present if nothing waits. */
        long progressAt();

        /** It may send again. */
        void onRoom();

        /** Ends the connection and lets go what it holds, before this returns. */
        void evict();
    }

    /** @param clock milliseconds */
    public SocketMemory(Budget budget, Loop loop, LongSupplier clock) {
        this.budget = budget;
        this.loop = loop;
        this.clock = clock;
        this.log = new RareLog(LOG, clock);
    }

    void join(Holder holder) {
        holders.add(holder);
    }

    /** What it held has been given back. */
    void leave(Holder holder) {
        holders.remove(holder);
        waiting.remove(holder);
    }

    /** What one socket may have waiting before nothing more is sent there, in bytes. */
    long share() {
        return Math.clamp((budget.bytesLeft() - budget.bytesMax() / RESERVE) / SHARE, 0, SHARE_MAX);
    }

    long now() {
        return clock.getAsLong();
    }

    /** Counts more, or less if negative. */
    void hold(long bytes) {
        budget.add(bytes);
        if (bytes < 0) {
            wakeSoon();
        } else if (budget.isExceeded() && !relieving) {
            relieving = true;
            holders.forEach(Holder::flush);
            if (budget.isExceeded()) {
                evict(largestFirst(), "hold too much");
            }
            relieving = false;
        }
    }

    /** Tells the holder, which has nothing under way, when it may send. */
    void await(Holder holder) {
        if (waiting.add(holder)) {
            lookSoon();
        }
    }

    private void wakeSoon() {
        if (!waiting.isEmpty() && !wakeDue && share() > 0) {
            wakeDue = true;
            loop.atTurnEnd(() -> {
                wakeDue = false;
                List<Holder> woken = List.copyOf(waiting);
                waiting.clear();
                woken.forEach(Holder::onRoom);
            });
        }
    }

    private void lookSoon() {
        if (!lookDue) {
            lookDue = true;
            loop.schedule(STALL_MAX, this::look);
        }
    }

    private void look() {
        lookDue = false;
        if (!waiting.isEmpty()) {
            long before = now() - STALL_MAX.toMillis();
            evict(
                    largestFirst().stream()
                            .filter(each -> each.progressAt() <= before)
                            .toList(),
                    "take nothing");
            wakeSoon();
            lookSoon();
        }
    }

    private List<Holder> largestFirst() {
        List<Holder> sorted = new ArrayList<>(holders);
        sorted.sort(Comparator.comparingLong(Holder::held).reversed());
        return sorted;
    }

    private void evict(List<Holder> candidates, String why) {
        long enough = budget.bytesMax() / 2;
        int evicted = 0;
        for (Holder holder : candidates) {
            if (budget.bytesLeft() >= enough || holder.held() == 0) {
                break;
            }
            budget.exhausted();
            holder.evict();
            evicted++;
        }
        if (evicted > 0) {
            log.warn("the memory for connections is spent (%s): %d that %s are closed".formatted(budget, evicted, why));
        }
    }
}
