// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.routing.Delivery;
import io.sluice.rules.BridgeRule;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One forward rule on its way upstream: its outbox, what upstream refused for now, and what it is suspected of. */
final class Lane {

    /** Times that a delivery may be refused for the time being; the next refusal parks it. */
    static final int RETRIES_MAX = 5;

    /** Connections that must end over the same first unsettled delivery before it is tried alone. */
    static final int DEATHS_MAX = 3;

    private static final long NOBODY = -1;

    private final BridgeRule.Forward rule;
    private final Backlog backlog;
    private final Map<Long, Integer> refusals = new HashMap<>();

    // For this connection.
    private final TreeMap<Long, Delivery> again = new TreeMap<>();
    private boolean paused;
    /** Whether the next one of the backlog is the first that is not settled. */
    private boolean fromTheStart;

    // Across connections.
    private long deadHead = NOBODY;
    private int deaths;

    Lane(BridgeRule.Forward rule, Backlog backlog) {
        this.rule = rule;
        this.backlog = backlog;
    }

    BridgeRule.Forward rule() {
        return rule;
    }

    long depth() {
        return backlog.depth();
    }

    /** The next delivery to be sent: those refused before come first, so that order is kept as well as it can be. */
    @Nullable
    Delivery next() {
        if (paused) {
            return null;
        }
        if (!again.isEmpty()) {
            return again.pollFirstEntry().getValue();
        }
        Delivery delivery = backlog.next();
        if (fromTheStart && delivery != null && delivery.sequence() >= 0) {
            fromTheStart = false;
            refusals.keySet().removeIf(sequence -> sequence < delivery.sequence()); // dropped by a limit
        }
        return delivery;
    }

    void settle(Delivery delivery) {
        if (!refusals.isEmpty()) {
            refusals.remove(delivery.sequence());
        }
        backlog.settle(delivery.sequence());
    }

    /** The window is full. */
    void stall() {
        backlog.stall();
    }

    /** Upstream refused it for now; false if it has done so often enough. */
    boolean refused(Delivery delivery) {
        if (refusals.merge(delivery.sequence(), 1, Integer::sum) > RETRIES_MAX) {
            return false;
        }
        again.put(delivery.sequence(), delivery);
        return true;
    }

    /** Deliveries of which it is known how often they were refused. */
    int refusedOnes() {
        return refusals.size();
    }

    /** How often the delivery next to be tried again has been refused. */
    int refusalsOfNext() {
        return again.isEmpty() ? 0 : refusals.getOrDefault(again.firstKey(), 0);
    }

    boolean isPaused() {
        return paused;
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    /** Nothing of it was under way when upstream ended the connection, or it has proven harmless. */
    void acquit() {
        deadHead = NOBODY;
        deaths = 0;
    }

    /** Upstream ended the connection while this was its first unsettled delivery. */
    void accuse(long sequence) {
        deaths = sequence == deadHead ? deaths + 1 : 1;
        deadHead = sequence;
    }

    boolean isSuspect() {
        return deaths >= DEATHS_MAX;
    }

    boolean isAccused(long sequence) {
        return sequence == deadHead;
    }

    /** The connection is gone. */
    void rewind() {
        again.clear();
        paused = false;
        fromTheStart = true;
        backlog.rewind();
    }
}
