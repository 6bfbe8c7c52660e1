// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One publisher of {@link LoadSource}: a virtual thread writes, one for each connection reads. */
final class LoadPublisher {

    private static final int WINDOW = 32;
    private static final int TOPICS = 2;
    private static final Duration SILENCE_MAX = Duration.ofMinutes(10);
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final int port;
    private final String topic;
    private final int index;
    private final long periodNanos;
    private final LoadLedger ledger;

    /** By packet identifier, in the order in which they were first sent; guarded by this. */
    private final Map<Integer, LoadPayload> open = new LinkedHashMap<>();

    private final Thread thread;
    private volatile boolean finishing;
    private volatile boolean closed;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile String trouble = "none";
    private volatile Optional<RawClient> connection = Optional.empty();
    private int published;

    LoadPublisher(int port, String topic, int index, Duration period, LoadLedger ledger) {
        this.port = port;
        this.topic = topic;
        this.index = index;
        this.periodNanos = period.toNanos();
        this.ledger = ledger;
        this.thread = Thread.ofVirtual().name("publisher " + index).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void finish() {
        finishing = true;
    }

    void close() {
        closed = true;
        connection.ifPresent(RawClient::close);
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized int openCount() {
        return open.size();
    }

    int reconnects() {
        return Math.max(0, connections.get() - 1);
    }

    /** Why the last connection ended. */
    String trouble() {
        return trouble;
    }

    private void run() {
        while (!closed) {
            try (RawClient client = RawClient.connected(port, "load-publisher-" + index)) {
                connection = Optional.of(client);
                connections.incrementAndGet();
                client.patience(SILENCE_MAX);
                serve(client);
            } catch (IOException | AssertionError e) {
                trouble = String.valueOf(e.getMessage());
                LockSupport.parkNanos(RECONNECT_NANOS);
            }
        }
    }

    private void serve(RawClient client) throws IOException {
        for (Map.Entry<Integer, LoadPayload> again : opened()) {
            send(client, again.getKey(), again.getValue());
        }
        Thread reader =
                Thread.ofVirtual().name("publisher " + index + " reads").start(() -> readAcknowledgements(client));
        long next = System.nanoTime();
        while (reader.isAlive() && !closed) {
            next += periodNanos;
            LockSupport.parkNanos(next - System.nanoTime());
            if (finishing || openCount() >= WINDOW) {
                next = System.nanoTime(); // what could not be sent in time is not made up for
            } else {
                LoadPayload message = new LoadPayload(index, published % TOPICS, published / TOPICS);
                int packetId = 1 + published % 65_535;
                published++;
                synchronized (this) {
                    open.put(packetId, message);
                }
                send(client, packetId, message);
            }
        }
    }

    private void readAcknowledgements(RawClient client) {
        try {
            while (!closed) {
                Packet.Puback puback = client.expect(Packet.Puback.class);
                if (puback.reason().isError()) {
                    throw new AssertionError("refused with " + puback);
                }
                acknowledged(puback.packetId());
            }
        } catch (IOException | AssertionError e) {
            trouble = String.valueOf(e.getMessage());
        } finally {
            client.close();
        }
    }

    private synchronized void acknowledged(int packetId) {
        LoadPayload message = open.remove(packetId);
        if (message == null) {
            throw new AssertionError("PUBACK for " + packetId + ", which is not under way");
        }
        ledger.acknowledged(message);
    }

    private synchronized List<Map.Entry<Integer, LoadPayload>> opened() {
        return List.copyOf(open.entrySet());
    }

    private void send(RawClient client, int packetId, LoadPayload message) throws IOException {
        client.publish(topic + "/p" + index + "/t" + message.topic(), message.encoded(), Qos.AT_LEAST_ONCE, packetId);
    }
}
