// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.SyncDelays;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * Sequences of packets, lost connections, slow readers, passing time and power cuts, against sessions on a real journal. At the end
 * everything that was acknowledged has come, nothing came twice with QoS 2, and every message published got its answer.
 */
public final class ConversationFuzz {

    private static final String[] TOPICS = {"a", "b", "a/b", FuzzedGroup.TOPIC.value()};
    private static final String[] FILTERS = {"a", "a/#", "+", "#", "b", FuzzedGroup.FILTER.toString()};

    /** Ended by whatever ends them early, or when time is made to pass. */
    private static final SyncDelays DELAYS = new SyncDelays(Duration.ofSeconds(10), Duration.ofSeconds(10));

    private final FuzzInput input;
    private final FuzzedBroker broker;
    private final FuzzedGroup group = new FuzzedGroup();
    private final List<FuzzedClient> clients =
            List.of(new FuzzedClient("one", group), new FuzzedClient("two", group), new FuzzedClient("three", group));
    private int number;

    private ConversationFuzz(FuzzInput input, FuzzedBroker broker) {
        this.input = input;
        this.broker = broker;
    }

    /** What the fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        converse(data, SyncDelays.NONE);
        converse(data, DELAYS);
    }

    private static void converse(byte[] data, SyncDelays delays) {
        try (FuzzedBroker broker = new FuzzedBroker(delays)) {
            ConversationFuzz fuzz = new ConversationFuzz(new FuzzInput(data), broker);
            while (fuzz.input.hasMore()) {
                fuzz.step();
                fuzz.clients.forEach(FuzzedClient::speakUp);
            }
            fuzz.drain();
        }
    }

    private void step() {
        FuzzedClient client = clients.get(input.choice(clients.size()));
        switch (input.choice(16)) {
            case 0, 1 -> connect(client);
            case 2 -> client.subscribe(100, subscription());
            case 3, 4, 5 -> publish(client);
            case 6, 7 -> client.acknowledge(input.octet());
            case 8 -> broker.turn();
            case 9 -> broker.force();
            case 10 -> client.hangUp();
            case 11 -> client.disconnect(input.flag(), input.flag() ? OptionalLong.of(60) : OptionalLong.empty());
            case 12 -> client.unsubscribe(101, TopicFilter.of(input.oneOf(FILTERS)));
            case 13 -> pass();
            case 14 -> client.readSlowly(input.flag());
            case 15 -> disturb(client);
            default -> throw new IllegalStateException();
        }
    }

    private void connect(FuzzedClient client) {
        ProtocolVersion version = input.oneOf(ProtocolVersion.MQTT_5, ProtocolVersion.MQTT_3_1_1);
        client.connect(
                broker,
                version,
                input.choice(4) == 3,
                input.oneOf(ConnectProperties.NEVER_EXPIRES, 60L, 0L),
                version == ProtocolVersion.MQTT_5 ? input.oneOf(1, 2, 65_535) : 65_535,
                input.flag());
    }

    private Subscription subscription() {
        TopicFilter filter = TopicFilter.of(input.oneOf(FILTERS));
        return new Subscription(
                filter,
                input.oneOf(Qos.AT_LEAST_ONCE, Qos.EXACTLY_ONCE, Qos.AT_MOST_ONCE),
                input.flag() && filter.share().isEmpty(),
                input.flag(),
                input.oneOf(RetainHandling.values()));
    }

    private void publish(FuzzedClient client) {
        Qos qos = input.oneOf(Qos.AT_LEAST_ONCE, Qos.EXACTLY_ONCE, Qos.AT_MOST_ONCE);
        String topic = input.oneOf(TOPICS);
        int kind = input.choice(8);
        int mine = ++number;
        Message message = switch (kind) {
            case 0 -> Packets.retained(topic, String.valueOf(mine), qos);
            case 1 -> Packets.retained(topic, "", qos);
            default -> Packets.message(topic, String.valueOf(mine), qos);
        };
        client.publish(message, 1 + input.choice(6), kind == 1 ? 0 : mine, clients);
    }

    private void pass() {
        if (input.flag()) {
            clients.forEach(FuzzedClient::timePasses);
            broker.advance(Duration.ofSeconds(40));
        } else {
            FaultDisk.Leaves leaves = input.oneOf(FaultDisk.Leaves.values());
            clients.forEach(FuzzedClient::lost);
            broker.crash(leaves, new SplittableRandom(input.octet()));
        }
    }

    /** What a client had better not say. */
    private void disturb(FuzzedClient client) {
        switch (input.choice(4)) {
            case 0 -> client.answerNothing(1 + input.octet(), input.flag());
            case 1 -> client.say(new Packet.Pingresp());
            case 2 ->
                client.say(Packets.connect(ProtocolVersion.MQTT_5, "another", true, ConnectProperties.defaults()));
            case 3 -> client.say(Packets.disconnect(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR));
            default -> throw new IllegalStateException();
        }
    }

    /** Every client comes back and takes what there is. */
    private void drain() {
        for (FuzzedClient client : clients) {
            client.connect(broker, ProtocolVersion.MQTT_5, false, ConnectProperties.NEVER_EXPIRES, 65_535, false);
        }
        broker.force();
        while (true) {
            clients.forEach(FuzzedClient::speakUp);
            broker.turn();
            if (!acknowledgeAll()) {
                broker.force(); // answers that wait for the disk are due
                clients.forEach(FuzzedClient::speakUp);
                if (!acknowledgeAll()) {
                    if (broker.depth() == 0) {
                        break;
                    }
                    broker.runUntil(() -> broker.depth() == 0 || acknowledgeAll());
                }
            }
        }
        broker.force();
        StringBuilder open = new StringBuilder();
        clients.forEach(client -> open.append(client.open()));
        open.append(group.open());
        if (!open.isEmpty()) {
            throw new AssertionError("something is missing: " + open);
        }
    }

    private boolean acknowledgeAll() {
        boolean any = false;
        for (FuzzedClient client : clients) {
            for (int choice = 0; choice < 64; choice++) {
                any |= client.acknowledge(choice);
            }
        }
        return any;
    }
}
