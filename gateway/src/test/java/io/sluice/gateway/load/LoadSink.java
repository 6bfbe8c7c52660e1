// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The subscriber at the other end: a durable session with QoS 1 that writes every message of the load into the ledger, and connects again
 * when the broker comes back. One virtual thread.
 *
 * <p>The broker has to keep what it acknowledged itself: Mosquitto needs {@code persistence true} and an end in good order, or, where it
 * is killed, {@code max_inflight_messages} above its default of 20, so that nothing waits in its memory.
 */
public final class LoadSink implements AutoCloseable {

    private static final Duration SILENCE_MAX = Duration.ofMinutes(10);
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final int port;
    private final String filter;
    private final LoadLedger ledger;
    private final Thread thread;
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile boolean closed;
    private volatile String trouble = "none";
    private volatile Optional<RawClient> connection = Optional.empty();

    /** Subscribes; returns when the subscription is granted. */
    public LoadSink(int port, String filter, LoadLedger ledger) {
        this.port = port;
        this.filter = filter;
        this.ledger = ledger;
        this.thread = Thread.ofVirtual().name("load sink").start(this::run);
        awaitSubscribed();
    }

    /** Waits until everything that was acknowledged has arrived. */
    public void awaitEverything(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (ledger.balance().lost() > 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not everything arrived: " + ledger.balance() + "; " + ledger.explain()
                        + "; trouble: " + trouble);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    @Override
    public void close() {
        closed = true;
        connection.ifPresent(RawClient::close);
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitSubscribed() {
        try {
            if (!subscribed.await(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("no subscription: " + trouble);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void run() {
        while (!closed) {
            try (RawClient client = RawClient.durable(port, "load-sink")) {
                connection = Optional.of(client);
                client.patience(SILENCE_MAX);
                client.sendSubscribe(1, filter, Qos.AT_LEAST_ONCE);
                serve(client);
            } catch (IOException | AssertionError e) {
                trouble = String.valueOf(e.getMessage());
                LockSupport.parkNanos(RECONNECT_NANOS);
            }
        }
    }

    private void serve(RawClient client) throws IOException {
        while (!closed) {
            switch (client.next()) {
                case Packet.Publish publish -> {
                    LoadPayload.decoded(publish.message().payload()).ifPresent(ledger::arrived);
                    if (publish.packetId() != 0) {
                        client.puback(publish.packetId());
                    }
                }
                case Packet.Suback suback -> {
                    if (suback.reasons().getFirst().isError()) {
                        throw new AssertionError("refused: " + suback);
                    }
                    subscribed.countDown();
                }
                case Packet other -> throw new AssertionError("not expected: " + other);
            }
        }
    }
}
