// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A durable session whose subscriptions come and go as fast as the gateway acknowledges it. After a kill those are there that were
 * acknowledged, and no others; the one that was under way may be there or not. Each change runs on a virtual thread until the gateway dies.
 */
final class CrashSubscriptions implements AutoCloseable {

    private static final int FILTERS = 30;
    private static final String CLIENT_ID = "coming-and-going";

    private final int port;
    private final SplittableRandom random;
    private final CrashLedger ledger;
    private final Set<Integer> subscribed = new HashSet<>();
    private Optional<Integer> underWay = Optional.empty();
    private Optional<Thread> thread = Optional.empty();
    private volatile Optional<RawClient> connection = Optional.empty();
    private boolean hasSession;
    private long changes;

    CrashSubscriptions(int port, SplittableRandom random, CrashLedger ledger) {
        this.port = port;
        this.random = random;
        this.ledger = ledger;
    }

    /** Begins to change, until the gateway dies. */
    void start() {
        thread = Optional.of(Thread.ofVirtual().name(CLIENT_ID).start(this::change));
    }

    /** Waits until the gateway's death has ended the changes. */
    void awaitEnd() {
        thread.ifPresent(CrashPublisher::join);
    }

    @Override
    public void close() {
        connection.ifPresent(RawClient::close);
        awaitEnd();
    }

    /** Acknowledged subscriptions and their ends. */
    long changes() {
        return changes;
    }

    private void change() {
        try (RawClient client = connected()) {
            while (true) {
                int filter = random.nextInt(FILTERS);
                underWay = Optional.of(filter);
                if (subscribed.contains(filter)) {
                    client.send(new Packet.Unsubscribe(1, List.of(TopicFilter.of(topic(filter))), List.of()));
                    client.expect(Packet.Unsuback.class);
                    subscribed.remove(filter);
                } else {
                    client.subscribe(1, topic(filter), Qos.AT_LEAST_ONCE);
                    subscribed.add(filter);
                }
                underWay = Optional.empty();
                changes++;
            }
        } catch (IOException killed) {
            // as it is meant to be
        } catch (AssertionError e) {
            ledger.problem(CLIENT_ID + ": " + e.getMessage());
        }
    }

    private RawClient connected() throws IOException {
        RawClient client = RawClient.open(port, ProtocolVersion.MQTT_5);
        connection = Optional.of(client);
        Packet.Connack connack = client.connect(CLIENT_ID, false, ConnectProperties.NEVER_EXPIRES);
        if (hasSession && !connack.sessionPresent()) {
            ledger.problem("the session of " + CLIENT_ID + " is lost");
        }
        hasSession = true;
        return client;
    }

    /** Publishes to every topic, and sees who hears it. Nothing changes meanwhile. */
    void verify() throws IOException {
        try (RawClient client = connected();
                RawClient probe = RawClient.connected(port, "probe")) {
            Set<Integer> matching = new HashSet<>();
            for (int filter = 0; filter < FILTERS; filter++) {
                probe.publish(topic(filter), topic(filter), Qos.AT_LEAST_ONCE, 1);
                if (probe.expect(Packet.Puback.class).reason() == ReasonCode.SUCCESS) {
                    matching.add(filter);
                }
            }
            Set<String> heard = new HashSet<>();
            for (int i = 0; i < matching.size(); i++) {
                Packet.Publish publish = client.expect(Packet.Publish.class);
                client.puback(publish.packetId());
                heard.add(publish.message().topic().toString());
            }
            client.expectNothing();
            if (!heard.equals(matching.stream().map(CrashSubscriptions::topic).collect(Collectors.toSet()))) {
                ledger.problem(CLIENT_ID + " heard " + heard + ", there are " + matching);
            }
            IntStream.range(0, FILTERS)
                    .filter(filter -> underWay.isEmpty() || underWay.get() != filter)
                    .filter(filter -> subscribed.contains(filter) != matching.contains(filter))
                    .forEach(filter -> ledger.problem("the subscription to " + topic(filter) + " is acknowledged as "
                            + (subscribed.contains(filter) ? "there, and gone" : "gone, and there")));
            underWay.filter(matching::contains).ifPresent(subscribed::add);
            underWay.filter(filter -> !matching.contains(filter)).ifPresent(subscribed::remove);
            underWay = Optional.empty();
        }
    }

    private static String topic(int filter) {
        return "coming/and/going/" + filter;
    }
}
