// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Events;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * What one connection has to tell the broker thread: however much gathers, one task on the loop takes it. Bounded: answers by the
 * window that was published, fetched messages by room, for which Paho's callback thread waits. Nothing follows {@code closed}.
 */
final class LinkInbox {

    private final Loop loop;
    private final Events events;
    private final Semaphore room;
    private final Object lock = new Object();
    private List<Runnable> waiting = new ArrayList<>();
    private boolean handedOver;
    private boolean connected;
    private boolean closed;

    /** @param fetchedMax fetched messages that may wait here, at least 1 */
    LinkInbox(Loop loop, Events events, int fetchedMax) {
        this.loop = loop;
        this.events = events;
        this.room = new Semaphore(fetchedMax);
    }

    /** Whether a connection came about and has not ended. From any thread. */
    boolean isConnected() {
        synchronized (lock) {
            return connected && !closed;
        }
    }

    void connected(Terms terms, Runnable before) {
        synchronized (lock) {
            connected = true;
        }
        post(() -> {
            before.run();
            events.connected(terms);
        });
    }

    /** Returns whether this was the first call. */
    boolean closed(End end, String why) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            put(() -> events.closed(end, why));
            closed = true;
            return true;
        }
    }

    void subscribed(BridgeRule.Fetch rule, ReasonCode reason) {
        post(() -> events.subscribed(rule, reason));
    }

    void published(long token, ReasonCode reason) {
        post(() -> events.published(token, reason));
    }

    void refused(String why) {
        post(() -> events.refused(why));
    }

    /** Waits for room. On Paho's callback thread, which is interrupted when the connection ends. */
    void fetched(Fetched fetched) {
        try {
            room.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return; // Unacknowledged, upstream sends it again.
        }
        post(() -> {
            room.release();
            events.fetched(fetched);
        });
    }

    private void post(Runnable event) {
        synchronized (lock) {
            if (!closed) {
                put(event);
            }
        }
    }

    private void put(Runnable event) {
        waiting.add(event);
        if (!handedOver) {
            handedOver = true;
            loop.execute(this::take);
        }
    }

    private void take() {
        List<Runnable> taken;
        synchronized (lock) {
            taken = waiting;
            waiting = new ArrayList<>();
            handedOver = false;
        }
        taken.forEach(Runnable::run);
    }
}
