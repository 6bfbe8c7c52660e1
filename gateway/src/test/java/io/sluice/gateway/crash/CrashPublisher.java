// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A publisher with one QoS and a session that never expires, on its topics in turn. When the gateway comes back it goes on as the
 * specification says: what was not acknowledged once more, in its old order, with the same identifiers. A virtual thread writes, one for
 * each connection reads.
 */
final class CrashPublisher implements AutoCloseable {

    private static final int WINDOW = 16;
    private static final int PACKET_IDS = 1_000;
    private static final Duration SILENCE_MAX = Duration.ofMinutes(10);
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final int port;
    private final int index;
    private final CrashLedger ledger;

    /** By packet identifier, in the order in which they were first sent; guarded by this. */
    private final Map<Integer, Open> open = new LinkedHashMap<>();

    private final Thread thread;
    private volatile long periodNanos = TimeUnit.MILLISECONDS.toNanos(10);
    private volatile boolean paused;
    private volatile boolean closed;
    private volatile Optional<RawClient> connection = Optional.empty();
    private boolean hasSession;
    private int published;
    private int lastPacketId;

    /**
     * @param released PUBREC has come: what remains is PUBREL
     */
    private record Open(CrashMessage message, boolean released) {}

    CrashPublisher(int port, int index, CrashLedger ledger) {
        this.port = port;
        this.index = index;
        this.ledger = ledger;
        this.thread = Thread.ofVirtual().name("publisher " + index).start(this::run);
    }

    /** From now on so many a second at most; as many as go without waiting, if so many do not go. */
    void rate(int messagesPerSecond) {
        periodNanos = TimeUnit.SECONDS.toNanos(1) / messagesPerSecond;
    }

    /** Whether to publish nothing new. */
    void paused(boolean pause) {
        paused = pause;
    }

    synchronized int openCount() {
        return open.size();
    }

    @Override
    public void close() {
        closed = true;
        connection.ifPresent(RawClient::close);
        join(thread);
    }

    private void run() {
        while (!closed) {
            try (RawClient client = RawClient.open(port, ProtocolVersion.MQTT_5)) {
                connection = Optional.of(client);
                Packet.Connack connack = client.connect(id(), false, ConnectProperties.NEVER_EXPIRES);
                if (hasSession && !connack.sessionPresent()) {
                    ledger.problem("the session of " + id() + " is lost");
                }
                hasSession = true;
                client.patience(SILENCE_MAX);
                serve(client);
            } catch (IOException ended) {
                LockSupport.parkNanos(RECONNECT_NANOS);
            } catch (AssertionError e) {
                ledger.problem(id() + ": " + e.getMessage());
                return;
            }
        }
    }

    private String id() {
        return "publisher-" + index;
    }

    private void serve(RawClient client) throws IOException {
        for (Map.Entry<Integer, Open> again : opened()) {
            if (again.getValue().released()) {
                release(client, again.getKey());
            } else {
                send(client, again.getKey(), again.getValue().message(), true);
            }
        }
        Thread reader =
                Thread.ofVirtual().name("publisher " + index + " reads").start(() -> readAcknowledgements(client));
        try {
            long next = System.nanoTime();
            while (reader.isAlive() && !closed) {
                next = Math.max(next + periodNanos, System.nanoTime() - periodNanos);
                LockSupport.parkNanos(next - System.nanoTime());
                if (!paused && openCount() < WINDOW) {
                    sendNext(client);
                }
            }
        } finally {
            client.close();
            join(reader);
        }
    }

    private void sendNext(RawClient client) throws IOException {
        CrashMessage message =
                new CrashMessage(index, published % CrashMessage.TOPICS, published / CrashMessage.TOPICS);
        published++;
        ledger.sent(message);
        synchronized (this) {
            do {
                lastPacketId = 1 + lastPacketId % PACKET_IDS;
            } while (open.containsKey(lastPacketId));
            open.put(lastPacketId, new Open(message, false));
        }
        send(client, lastPacketId, message, false);
    }

    private void readAcknowledgements(RawClient client) {
        try {
            while (!closed) {
                switch (client.next()) {
                    case Packet.Puback puback -> {
                        check(puback, puback.reason());
                        ledger.acknowledged(finished(puback.packetId()));
                    }
                    case Packet.Pubrec pubrec -> {
                        check(pubrec, pubrec.reason());
                        released(pubrec.packetId());
                        release(client, pubrec.packetId());
                    }
                    case Packet.Pubcomp pubcomp -> finished(pubcomp.packetId());
                    case Packet other -> throw new AssertionError("not expected: " + other);
                }
            }
        } catch (IOException ended) {
            client.close();
        } catch (AssertionError e) {
            ledger.problem(id() + ": " + e.getMessage());
            client.close();
        }
    }

    private static void check(Packet packet, ReasonCode reason) {
        if (reason.isError()) {
            throw new AssertionError("refused with " + packet);
        }
    }

    /** PUBREC says that the message is the gateway's now. */
    private synchronized void released(int packetId) {
        Open of = open.get(packetId);
        if (of == null) {
            throw new AssertionError("PUBREC for " + packetId + ", which is not under way");
        }
        if (!of.released()) {
            open.put(packetId, new Open(of.message(), true));
            ledger.acknowledged(of.message());
        }
    }

    private synchronized CrashMessage finished(int packetId) {
        Open of = open.remove(packetId);
        if (of == null || (of.message().qos() == Qos.EXACTLY_ONCE && !of.released())) {
            throw new AssertionError("the end of " + packetId + ", which is not under way: " + of);
        }
        return of.message();
    }

    private synchronized List<Map.Entry<Integer, Open>> opened() {
        List<Map.Entry<Integer, Open>> all = new ArrayList<>();
        open.forEach((packetId, of) -> all.add(Map.entry(packetId, of)));
        return all;
    }

    private static void send(RawClient client, int packetId, CrashMessage message, boolean dup) throws IOException {
        Message content = Message.of(
                new TopicName(message.topicName()),
                message.qos(),
                message.retain(),
                MessageProperties.none(),
                Message.NEVER,
                0,
                message.payload());
        send(client, new Packet.Publish(content, packetId, dup, List.of()));
    }

    private static void release(RawClient client, int packetId) throws IOException {
        send(client, new Packet.Pubrel(packetId, ReasonCode.SUCCESS, Explanation.NONE));
    }

    /** Both threads send. */
    private static void send(RawClient client, Packet packet) throws IOException {
        synchronized (client) {
            client.send(packet);
        }
    }

    static void join(Thread thread) {
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
