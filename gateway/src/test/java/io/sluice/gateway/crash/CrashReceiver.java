// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A durable session that subscribes once, and never again, and writes everything that comes into the ledger under its receiver's name.
 * It is connected while it is told to be. One virtual thread.
 */
final class CrashReceiver implements AutoCloseable {

    private static final Duration SILENCE_MAX = Duration.ofMinutes(10);
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final int port;
    private final String clientId;
    private final String filter;
    private final String receiver;
    private final CrashLedger ledger;
    private final Thread thread;
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile boolean wanted = true;
    private volatile boolean closed;
    private volatile Optional<RawClient> connection = Optional.empty();

    /** Identifiers of QoS 2 deliveries that PUBREL has not released. */
    private final Set<Integer> held = new HashSet<>();

    /** Subscribes; returns when the subscription is granted. */
    CrashReceiver(int port, String clientId, String filter, String receiver, CrashLedger ledger) {
        this.port = port;
        this.clientId = clientId;
        this.filter = filter;
        this.receiver = receiver;
        this.ledger = ledger;
        this.thread = Thread.ofVirtual().name(clientId).start(this::run);
        try {
            if (!subscribed.await(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("no subscription for " + clientId + ": " + ledger.problems());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether to be connected; else the connection is lost at once. */
    void connected(boolean wish) {
        wanted = wish;
        if (!wish) {
            connection.ifPresent(RawClient::close);
        }
        LockSupport.unpark(thread);
    }

    @Override
    public void close() {
        closed = true;
        connection.ifPresent(RawClient::close);
        CrashPublisher.join(thread);
    }

    private void run() {
        while (!closed) {
            if (!wanted) {
                LockSupport.parkNanos(RECONNECT_NANOS);
                continue;
            }
            try (RawClient client = RawClient.open(port, ProtocolVersion.MQTT_5)) {
                connection = Optional.of(client);
                Packet.Connack connack = client.connect(clientId, false, ConnectProperties.NEVER_EXPIRES);
                if (subscribed.getCount() == 0) {
                    if (!connack.sessionPresent()) {
                        ledger.problem("the session of " + clientId + " is lost");
                    }
                } else {
                    client.subscribe(1, filter, Qos.EXACTLY_ONCE);
                    subscribed.countDown();
                }
                client.patience(SILENCE_MAX);
                serve(client);
            } catch (IOException ended) {
                LockSupport.parkNanos(RECONNECT_NANOS);
            } catch (AssertionError e) {
                ledger.problem(clientId + ": " + e.getMessage());
                return;
            }
        }
    }

    private void serve(RawClient client) throws IOException {
        while (!closed && wanted) {
            switch (client.next()) {
                case Packet.Publish publish -> arrived(client, publish);
                case Packet.Pubrel pubrel -> {
                    held.remove(pubrel.packetId());
                    client.send(new Packet.Pubcomp(pubrel.packetId(), ReasonCode.SUCCESS, Explanation.NONE));
                }
                case Packet other -> throw new AssertionError("not expected: " + other);
            }
        }
    }

    private void arrived(RawClient client, Packet.Publish publish) throws IOException {
        CrashMessage message = CrashMessage.decoded(publish.message().payload());
        switch (publish.message().qos()) {
            case AT_MOST_ONCE -> throw new AssertionError("QoS 0: " + publish);
            case AT_LEAST_ONCE -> {
                ledger.arrived(receiver, message);
                client.puback(publish.packetId());
            }
            case EXACTLY_ONCE -> {
                if (held.add(publish.packetId())) {
                    ledger.arrived(receiver, message);
                }
                client.send(new Packet.Pubrec(publish.packetId(), ReasonCode.SUCCESS, Explanation.NONE));
            }
        }
    }
}
