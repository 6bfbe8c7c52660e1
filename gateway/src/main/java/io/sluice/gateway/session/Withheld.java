// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.Packet;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a client of MQTT 3.1.1 has published while messages were refused. That version has no word for it: the acknowledgement is
 * withheld, the client is not read, and when it takes too long the connection is closed, so that the client keeps what it has. On
 * the broker thread.
 */
final class Withheld {

    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Loop loop;
    private final Ingress ingress;
    /** Mostly empty, and there is one for each connection. */
    private final Queue<Packet.Publish> packets = new ArrayDeque<>(1);

    private final Runnable again;
    private final Runnable tooLong;
    private Loop.Timer timer = () -> {};
    private int attemptsLeft;

    /**
     * @param again takes in what waits, from the {@link #head} on, as far as there is room
     * @param tooLong ends the connection
     */
    Withheld(Loop loop, Ingress ingress, Runnable again, Runnable tooLong) {
        this.loop = loop;
        this.ingress = ingress;
        this.again = again;
        this.tooLong = tooLong;
    }

    /** Whether publishing waits. */
    boolean isHolding() {
        return !packets.isEmpty();
    }

    /** Keeps a packet behind those that wait; the connection ends if all clients together have too many. */
    void add(Packet.Publish packet) {
        if (packets.isEmpty()) {
            attemptsLeft = (int) (PATIENCE.toSeconds() / AGAIN.toSeconds());
            later();
        }
        packets.add(packet);
        if (!ingress.withhold(bytes(packet))) {
            tooLong.run();
        }
    }

    private static long bytes(Packet.Publish packet) {
        return packet.message().bytes().length;
    }

    Packet.Publish head() {
        return packets.element();
    }

    /** The head has been taken in. */
    void taken() {
        ingress.withhold(-bytes(packets.remove()));
        attemptsLeft = (int) (PATIENCE.toSeconds() / AGAIN.toSeconds());
    }

    void end() {
        timer.cancel();
        packets.forEach(packet -> ingress.withhold(-bytes(packet)));
        packets.clear();
    }

    private void later() {
        timer = loop.schedule(AGAIN, this::tryAgain);
    }

    private void tryAgain() {
        attemptsLeft--;
        again.run();
        if (isHolding()) {
            if (attemptsLeft <= 0) {
                tooLong.run();
            } else {
                later();
            }
        }
    }
}
