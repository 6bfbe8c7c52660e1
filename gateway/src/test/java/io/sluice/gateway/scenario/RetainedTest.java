// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Retained messages: kept, replaced, deleted, sent to new subscriptions. */
@Tag("wire")
final class RetainedTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.3.1-5", "MQTT-3.3.1-9", "MQTT-3.8.4-4"})
    void retained_ofEachQos_replacesTheOneBeforeAndOutlivesARestart(ProtocolVersion version) throws IOException {
        retain("a", "old", Qos.EXACTLY_ONCE);
        for (Qos qos : Qos.values()) {
            retain("a", "qos " + qos.level(), qos);
            assertRetained(version, "a", "qos " + qos.level(), qos);
            gateway.restart();
            assertRetained(version, "a", "qos " + qos.level(), qos);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.3.1-6", "MQTT-3.3.1-7"})
    void retained_emptyPayload_deletesAndIsNotKept(ProtocolVersion version) throws IOException {
        for (Qos qos : Qos.values()) {
            retain("a", "x", qos);
            try (RawClient watcher = gateway.connected("watcher", version)) {
                watcher.subscribe(1, "a", Qos.EXACTLY_ONCE);
                watcher.expect(Packet.Publish.class);
                retain("a", "", qos);
                Packet.Publish deletion = watcher.expect(Packet.Publish.class);
                assertThat(deletion.message().payloadBytes()).isZero();
                assertThat(deletion.message().retain()).isFalse();
            }
            assertNothingRetained(version, "a");
            gateway.restart();
            assertNothingRetained(version, "#");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-3.3.1-8")
    void notRetained_isNotKeptAndReplacesNothing(ProtocolVersion version) throws IOException {
        retain("a", "kept", Qos.AT_LEAST_ONCE);
        try (RawClient publisher = gateway.connected("publisher", version)) {
            publisher.publish("a", "passing", Qos.AT_LEAST_ONCE, 1);
            publisher.publish("a", "", Qos.AT_LEAST_ONCE, 2);
            publisher.publish("b", "passing", Qos.AT_LEAST_ONCE, 3);
            for (int i = 0; i < 3; i++) {
                publisher.expect(Packet.Puback.class);
            }
        }
        assertRetained(version, "a", "kept", Qos.AT_LEAST_ONCE);
        assertNothingRetained(version, "b");
    }

    @Test
    @Statement({"MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.3.1-11"})
    void retainHandling_saysWhenTheyAreSent() throws IOException {
        retain("a", "kept", Qos.AT_MOST_ONCE);
        try (RawClient client = gateway.connected("client")) {
            for (RetainHandling handling : RetainHandling.values()) {
                for (boolean isNew : new boolean[] {true, false}) {
                    client.send(Packets.subscribe(
                            1, new Subscription(TopicFilter.of("a"), Qos.AT_MOST_ONCE, false, false, handling)));
                    client.expect(Packet.Suback.class);
                    if (handling == RetainHandling.SEND || (handling == RetainHandling.SEND_IF_NEW && isNew)) {
                        assertThat(client.expect(Packet.Publish.class).message().retain())
                                .isTrue();
                    }
                    client.expectNothing();
                }
                client.send(Packets.unsubscribe(2, "a"));
                client.expect(Packet.Unsuback.class);
            }
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-3", "MQTT-3.3.2-3", "MQTT-3.8.4-8"})
    void retained_sentWithTheSubscriptionsIdentifierAndQos() throws IOException {
        retain("a/b", "kept", Qos.EXACTLY_ONCE);
        retain("$a/b", "hidden", Qos.EXACTLY_ONCE);
        try (RawClient client = gateway.connected("client")) {
            client.send(Packets.subscribe(1, 9, Packets.subscription("+/b", Qos.AT_LEAST_ONCE)));
            client.expect(Packet.Suback.class);

            Packet.Publish publish = client.expect(Packet.Publish.class);
            assertThat(publish.subscriptionIds()).containsExactly(9);
            assertThat(publish.message().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(publish.message().topic().value()).isEqualTo("a/b");
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
    void retained_itsExpiryCountsDownAndEndsIt() throws IOException {
        try (RawClient publisher = gateway.connected("publisher")) {
            publisher.send(Packets.publish(Packets.retained("a", "kept", Qos.AT_LEAST_ONCE, 3_600), 1));
            publisher.expect(Packet.Puback.class);
        }
        gateway.restartAfter(Duration.ofMinutes(50));
        try (RawClient client = gateway.connected("client")) {
            client.subscribe(1, "a", Qos.AT_MOST_ONCE);
            assertThat(client.expect(Packet.Publish.class).message().expirySeconds())
                    .isBetween(590L, 601L);
        }
        gateway.restartAfter(Duration.ofMinutes(11));
        assertNothingRetained(ProtocolVersion.MQTT_5, "a");
        assertNothingRetained(ProtocolVersion.MQTT_5, "#");
    }

    @Test
    void retained_expired_makesRoomForANewOne() throws IOException {
        gateway.restart(limits -> Limits.retained(limits, 1, 1 << 20));
        try (RawClient publisher = gateway.connected("publisher")) {
            publisher.send(Packets.publish(Packets.retained("old", "x", Qos.AT_LEAST_ONCE, 60), 1));
            publisher.expect(Packet.Puback.class);
            publisher.send(Packets.publish(Packets.retained("new", "x", Qos.AT_LEAST_ONCE), 2));
            assertThat(publisher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        }
        gateway.restartAfter(Duration.ofMinutes(2));
        retain("new", "y", Qos.AT_LEAST_ONCE);
        gateway.restart();
        assertRetained(ProtocolVersion.MQTT_5, "#", "y", Qos.AT_LEAST_ONCE);
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-3.3.1-9")
    void retained_thousands_reachASubscriberOfEachQosThatReadsSlowly(ProtocolVersion version) throws IOException {
        try (RawClient publisher = gateway.connected("publisher")) {
            String payload = "x".repeat(500);
            for (int i = 0; i < 6_000; i++) {
                publisher.send(Packets.publish(Packets.retained("a/" + i, payload, Qos.AT_LEAST_ONCE), 1 + i));
                if (i % 500 == 499) {
                    for (int answer = 0; answer < 500; answer++) {
                        publisher.expect(Packet.Puback.class);
                    }
                }
            }
        }
        for (Qos qos : new Qos[] {Qos.AT_MOST_ONCE, Qos.AT_LEAST_ONCE}) {
            try (RawClient client = gateway.open(version)) {
                client.send(Packets.connect(version, "c", true, ConnectProperties.defaults()));
                client.sendSubscribe(1, "a/+", qos); // not waiting for CONNACK
                client.expect(Packet.Connack.class);
                Set<String> topics = new HashSet<>();
                while (topics.size() < 6_000) {
                    Packet packet = client.next();
                    if (packet instanceof Packet.Publish publish) {
                        assertThat(topics.add(publish.message().topic().value()))
                                .isTrue();
                        if (qos != Qos.AT_MOST_ONCE) {
                            client.puback(publish.packetId());
                        }
                    }
                }
                client.expectNothing();
            }
        }
    }

    @Test
    @Statement("MQTT-3.10.4-2")
    void retained_unsubscribedBeforeTheyAreSent_areNotSent() throws IOException {
        for (int i = 0; i < 200; i++) {
            retain("a/" + i, "x", Qos.AT_LEAST_ONCE);
        }
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.connect("client", true, Packets.receiveMaximum(0, 1));
            client.subscribe(1, "a/#", Qos.AT_LEAST_ONCE);
            client.expect(Packet.Publish.class);
            client.send(Packets.unsubscribe(2, "a/#"));
            client.expect(Packet.Unsuback.class);
            client.expectNothing();
        }
    }

    private void retain(String topic, String payload, Qos qos) throws IOException {
        try (RawClient publisher = gateway.connected("retainer")) {
            Message message = Packets.retained(topic, payload, qos);
            publisher.send(Packets.publish(message, qos == Qos.AT_MOST_ONCE ? 0 : 1));
            switch (qos) {
                case AT_MOST_ONCE -> publisher.expectNothing();
                case AT_LEAST_ONCE ->
                    assertThat(publisher.expect(Packet.Puback.class).reason().isError())
                            .isFalse();
                case EXACTLY_ONCE ->
                    assertThat(publisher.expect(Packet.Pubrec.class).reason().isError())
                            .isFalse();
            }
        }
    }

    private void assertRetained(ProtocolVersion version, String filter, String payload, Qos qos) throws IOException {
        try (RawClient client = gateway.connected("late", version)) {
            client.subscribe(1, filter, Qos.EXACTLY_ONCE);
            Packet.Publish publish = client.expect(Packet.Publish.class);
            assertThat(publish.message().payload().text()).isEqualTo(payload);
            assertThat(publish.message().retain()).isTrue();
            assertThat(publish.message().qos()).isEqualTo(qos);
            client.expectNothing();
        }
    }

    private void assertNothingRetained(ProtocolVersion version, String filter) throws IOException {
        try (RawClient client = gateway.connected("late", version)) {
            client.subscribe(1, filter, Qos.EXACTLY_ONCE);
            client.expectNothing();
        }
    }
}
