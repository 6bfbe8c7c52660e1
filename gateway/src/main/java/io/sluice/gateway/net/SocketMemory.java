// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.memory.Budget;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * What all connections hold outside of the heap: packets that wait for a socket, and packets that have not come whole. The more of the
 * budget is taken, the less may wait for one socket, until nothing is sent before something has gone out. Then those that have
 * not read for a while make room for those that do. Packets that have not come whole may have half of the budget, so that the other
 * half is there for what is sent. Where a limit is exceeded, whoever holds the most is closed. On the broker thread.
 */
public final class SocketMemory {

    /** What one socket may have waiting, in bytes, however much there is. */
    private static final long SHARE_MAX = 1 << 20;

    /** One socket may have one part in so many of what is left. */
    private static final int SHARE = 8;

    /** One part in so many is kept for answers. */
    private static final int RESERVE = 4;

    /** One part in so many is for packets that have not come whole. */
    private static final int INCOMPLETE = 2;

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

    private long incomplete;
    private boolean lookDue;
    private boolean wakeDue;
    private boolean relieving;

    /** A connection. */
    interface Holder {

        /** What it holds, in bytes. */
        long held();

        /** What it holds of a packet that has not come whole, in bytes. */
        long incomplete();

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
                evict(largest(Holder::held), () -> budget.bytes() <= budget.bytesMax() / 2, "hold the most");
            }
            relieving = false;
        }
    }

    /** Counts more of packets that have not come whole, or less if negative. */
    void holdIncomplete(long bytes) {
        incomplete += bytes;
        hold(bytes);
        long most = budget.bytesMax() / INCOMPLETE;
        if (incomplete > most && !relieving) {
            relieving = true;
            evict(largest(Holder::incomplete), () -> incomplete <= most / 2, "send packets that do not end");
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
                    largest(each -> each.progressAt() <= before ? each.held() : 0),
                    () -> budget.bytes() <= budget.bytesMax() / 2,
                    "take nothing");
            wakeSoon();
            lookSoon();
        }
    }

    /** Those of which there is something, the largest first. */
    private List<Holder> largest(ToLongFunction<Holder> bytes) {
        return holders.stream()
                .filter(each -> bytes.applyAsLong(each) > 0)
                .sorted(Comparator.comparingLong(bytes).reversed())
                .toList();
    }

    private void evict(List<Holder> candidates, BooleanSupplier enough, String why) {
        int evicted = 0;
        for (Holder holder : candidates) {
            if (enough.getAsBoolean()) {
                break;
            }
            budget.exhausted();
            holder.evict();
            evicted++;
        }
        if (evicted > 0) {
            log.warn("memory is short (%s): %d connections that %s are closed".formatted(budget, evicted, why));
        }
    }
}
