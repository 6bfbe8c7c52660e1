// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.gateway.loop.Loop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's side of keep alive (MQTT 5.0 section 3.1.2.10): asks for a sign of life when nothing was sent or nothing has come for half
 * of it, and gives up when none comes within another whole one. Counts four beats to a keep alive, so that no clock is needed. On the
 * broker thread.
 */
final class Heartbeat {

    private static final int BEATS = 4;

    private final Loop loop;
    private final Duration beat;
    private final Runnable ping;
    private final Runnable silent;
    private Loop.@Nullable Timer timer;
    private boolean sent;
    private boolean received;
    private int beatsSinceSent;
    private int beatsSinceReceived;
    private int beatsSincePing;
    private boolean pinged;
    private boolean deaf;

    /**
     * @param keepAlive more than nothing
     * @param ping sends PINGREQ
     * @param silent told once that the peer does not answer
     */
    Heartbeat(Loop loop, Duration keepAlive, Runnable ping, Runnable silent) {
        this.loop = loop;
        this.beat = keepAlive.dividedBy(BEATS);
        this.ping = ping;
        this.silent = silent;
    }

    void start() {
        timer = loop.schedule(beat, this::beat);
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
        }
    }

    void sent() {
        sent = true;
    }

    void received() {
        received = true;
    }

    /** Whether the peer is not listened to, so that its silence says nothing. */
    void deaf(boolean now) {
        deaf = now;
    }

    private void beat() {
        received |= deaf;
        beatsSinceSent = sent ? 0 : beatsSinceSent + 1;
        beatsSinceReceived = received ? 0 : beatsSinceReceived + 1;
        pinged &= !received;
        sent = false;
        received = false;
        if (pinged && ++beatsSincePing == BEATS) {
            silent.run();
            return;
        }
        if (!pinged && Math.max(beatsSinceSent, beatsSinceReceived) >= BEATS / 2) {
            pinged = true;
            beatsSincePing = 0;
            ping.run();
        }
        start();
    }
}
