// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the gateway sends with QoS 1 and 2: identifiers, repetitions, the client's quota and its largest packet. */
@Tag("wire")
final class DeliveryTest {

    private final RunningGateway gateway = RunningGateway.start();
    private RawClient publisher;
    private int lastId;

    @BeforeEach
    void connect() throws IOException {
        publisher = gateway.connected("publisher");
    }

    @AfterEach
    void close() {
        publisher.close();
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({
        "MQTT-4.3.2-1",
        "MQTT-4.3.2-2",
        "MQTT-4.3.3-1",
        "MQTT-4.3.3-2",
        "MQTT-2.2.1-4",
        "MQTT-3.3.1-1",
        "MQTT-4.3.3-4",
        "MQTT-3.6.2-1"
    })
    void deliveries_underWay_haveIdentifiersOfTheirOwn(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            Set<Integer> ids = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                publish("a", "" + i, i % 2 == 0 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE);
                Packet.Publish publish = client.expect(Packet.Publish.class);
                assertThat(publish.dup()).isFalse();
                assertThat(publish.packetId()).isPositive();
                assertThat(ids.add(publish.packetId())).isTrue();
                if (i % 2 == 1) {
                    client.send(Packets.pubrec(publish.packetId()));
                    assertThat(client.expect(Packet.Pubrel.class).packetId()).isEqualTo(publish.packetId());
                }
            }
        }
    }

    /** Six deliveries with QoS 1 and 2 by turns, of which the first is settled, and the fourth and sixth wait for PUBCOMP. */
    private List<Packet.Publish> leaveUnderWay(ProtocolVersion version) throws IOException {
        List<Packet.Publish> sent = new ArrayList<>();
        try (RawClient client = gateway.durable("client", version, false)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            for (int i = 0; i < 6; i++) {
                publish("a", "" + i, i % 2 == 0 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE);
                sent.add(client.expect(Packet.Publish.class));
            }
            client.puback(sent.get(0).packetId());
            client.send(Packets.pubrec(sent.get(3).packetId()));
            client.expect(Packet.Pubrel.class);
            client.send(Packets.pubrec(sent.get(5).packetId()));
            client.expect(Packet.Pubrel.class);
            client.expectNothing();
            client.abort();
        }
        return sent;
    }

    @ParameterizedTest
    @EnumSource
    @Statement({
        "MQTT-4.4.0-1",
        "MQTT-3.3.1-1",
        "MQTT-4.3.2-3",
        "MQTT-4.3.3-3",
        "MQTT-4.3.3-5",
        "MQTT-4.3.3-6",
        "MQTT-2.2.1-5"
    })
    void deliveries_unacknowledged_areSentAgainInOrderAndWithTheirIdentifiers(ProtocolVersion version)
            throws IOException {
        List<Packet.Publish> sent = leaveUnderWay(version);
        for (boolean restarted : new boolean[] {false, true}) {
            if (restarted) {
                gateway.restart();
                publisher = gateway.connected("publisher");
            }
            try (RawClient client = gateway.durable("client", version, true)) {
                assertThat(client.expect(Packet.Pubrel.class).packetId())
                        .isEqualTo(sent.get(3).packetId());
                assertThat(client.expect(Packet.Pubrel.class).packetId())
                        .isEqualTo(sent.get(5).packetId());
                for (int i : new int[] {1, 2, 4}) {
                    Packet.Publish again = client.expect(Packet.Publish.class);
                    assertThat(again.message().payload().text()).isEqualTo("" + i);
                    assertThat(again.packetId()).isEqualTo(sent.get(i).packetId());
                    assertThat(again.dup()).isTrue();
                }
                client.expectNothing();
            }
        }
        try (RawClient client = gateway.durable("client", version, true)) {
            List<Packet> again = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                again.add(client.next());
            }
            for (Packet packet : again) {
                settle(client, packet);
            }
            client.expectNothing();
            client.disconnect();
        }
        try (RawClient client = gateway.durable("client", version, true)) {
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.3.3-4", "MQTT-3.6.2-1"})
    void pubrec_repeatedOrUnknown_isAnsweredWithPubrel(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            publish("a", "x", Qos.EXACTLY_ONCE);
            int id = client.expect(Packet.Publish.class).packetId();
            for (int i = 0; i < 2; i++) {
                client.send(Packets.pubrec(id));
                Packet.Pubrel pubrel = client.expect(Packet.Pubrel.class);
                assertThat(pubrel.packetId()).isEqualTo(id);
                assertThat(pubrel.reason()).isEqualTo(ReasonCode.SUCCESS);
            }
            client.send(Packets.pubrec(4_711));
            Packet.Pubrel unknown = client.expect(Packet.Pubrel.class);
            assertThat(unknown.packetId()).isEqualTo(4_711);
            assertThat(unknown.reason())
                    .isEqualTo(
                            version == ProtocolVersion.MQTT_5
                                    ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND
                                    : ReasonCode.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void puback_pubcomp_unknown_changeNothing(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            publish("a", "x", Qos.EXACTLY_ONCE);
            int id = client.expect(Packet.Publish.class).packetId();
            client.puback(99);
            client.puback(id); // of a QoS 2 delivery
            client.send(Packets.pubcomp(id)); // too early
            client.send(Packets.pubcomp(99));
            client.send(Packets.pubrec(id));
            assertThat(client.expect(Packet.Pubrel.class).packetId()).isEqualTo(id);
            client.send(Packets.pubcomp(id));
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-4.4.0-2", "MQTT-4.3.3-4"})
    void acknowledgement_withAnError_endsTheDelivery() throws IOException {
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, false)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            publish("a", "1", Qos.AT_LEAST_ONCE);
            publish("a", "2", Qos.EXACTLY_ONCE);
            client.send(new Packet.Puback(
                    client.expect(Packet.Publish.class).packetId(),
                    ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
                    Explanation.NONE));
            client.send(Packets.pubrec(client.expect(Packet.Publish.class).packetId(), ReasonCode.UNSPECIFIED_ERROR));
            client.expectNothing();
            client.disconnect();
        }
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, true)) {
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-9", "MQTT-3.3.4-10", "MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-4.9.0-3", "MQTT-3.12.4-1"})
    void receiveMaximum_ofTheClient_isKeptAndOtherPacketsGoOn() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.connect("client", true, Packets.receiveMaximum(0, 2));
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            for (int i = 0; i < 5; i++) {
                publish("a", "" + i, i == 1 ? Qos.EXACTLY_ONCE : Qos.AT_LEAST_ONCE);
            }
            int first = client.expect(Packet.Publish.class).packetId();
            int second = client.expect(Packet.Publish.class).packetId();
            client.expectNothing();
            client.subscribe(2, "b", Qos.AT_MOST_ONCE);
            publish("b", "qos 0", Qos.AT_MOST_ONCE);
            assertThat(text(client)).isEqualTo("qos 0");
            client.publish("c", "x", Qos.AT_LEAST_ONCE, 1);
            client.expect(Packet.Puback.class);

            client.send(Packets.pubrec(second));
            client.expect(Packet.Pubrel.class);
            client.expectNothing(); // PUBREC without an error frees nothing
            client.puback(first);
            assertThat(text(client)).isEqualTo("2");
            client.expectNothing();
            client.send(Packets.pubcomp(second));
            assertThat(text(client)).isEqualTo("3");
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-9", "MQTT-4.9.0-2"})
    void receiveMaximum_afterReconnect_isTheNewOne() throws IOException {
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, false)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            for (int i = 0; i < 5; i++) {
                publish("a", "" + i, Qos.EXACTLY_ONCE);
            }
            client.send(Packets.pubrec(client.expect(Packet.Publish.class).packetId()));
            client.disconnect();
        }
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.connect("client", false, Packets.receiveMaximum(ConnectProperties.NEVER_EXPIRES, 3));
            int released = client.expect(Packet.Pubrel.class).packetId();
            assertThat(text(client)).isEqualTo("1");
            assertThat(text(client)).isEqualTo("2");
            client.expectNothing();
            client.send(Packets.pubcomp(released));
            assertThat(text(client)).isEqualTo("3");
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
    void maximumPacketSize_ofTheClient_isKeptAndWhatIsTooLargeCountsAsSent() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5);
                RawClient other = gateway.connected("other")) {
            client.connect("client", true, Packets.maximumPacketSize(50));
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            other.subscribe(1, "a", Qos.EXACTLY_ONCE);
            for (Qos qos : Qos.values()) {
                publish("a", "x".repeat(100), qos);
                publish("a", "small " + qos.level(), qos);
                assertThat(text(client)).isEqualTo("small " + qos.level());
                assertThat(text(other)).hasSize(100);
                assertThat(text(other)).isEqualTo("small " + qos.level());
            }
            client.expectNothing();
        }
    }

    @Test
    @Statement({
        "MQTT-3.14.2-3",
        "MQTT-3.14.2-4",
        "MQTT-3.9.2-1",
        "MQTT-3.9.2-2",
        "MQTT-3.11.2-1",
        "MQTT-3.11.2-2",
        "MQTT-3.6.2-2",
        "MQTT-3.6.2-3",
        "MQTT-3.7.2-2",
        "MQTT-3.7.2-3",
        "MQTT-3.2.2-19",
        "MQTT-3.2.2-20",
        "MQTT-3.1.2-24"
    })
    void maximumPacketSize_ofTheClient_leavesExplanationsOut() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5);
                RawClient refused = gateway.open(ProtocolVersion.MQTT_5)) {
            client.connect("client", true, Packets.maximumPacketSize(24));
            client.send(Packets.subscribe(1, Packets.subscription("$share/g/a", Qos.AT_MOST_ONCE)));
            assertThat(client.expect(Packet.Suback.class).explanation()).isEqualTo(Explanation.NONE);
            client.send(Packets.unsubscribe(2, "b"));
            assertThat(client.expect(Packet.Unsuback.class).explanation()).isEqualTo(Explanation.NONE);
            client.send(Packets.pubrec(3));
            assertThat(client.expect(Packet.Pubrel.class).explanation()).isEqualTo(Explanation.NONE);
            client.send(Packets.pubrel(3));
            assertThat(client.expect(Packet.Pubcomp.class).explanation()).isEqualTo(Explanation.NONE);
            client.sendHex("f1 00");
            Packet.Disconnect disconnect = client.expect(Packet.Disconnect.class);
            assertThat(disconnect.reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
            assertThat(disconnect.explanation()).isEqualTo(Explanation.NONE);

            // With an authentication method, which is refused with a reason, and room for 20 bytes.
            refused.sendHex("1017 0004 4d515454 05 02 0000 09 15 0001 6d 27 00000014 0001 63");
            assertThat(refused.expect(Packet.Connack.class).properties().explanation())
                    .isEqualTo(Explanation.NONE);
        }
    }

    @Test
    @Statement({"MQTT-4.3.3-7", "MQTT-4.3.3-13"})
    void qos2_expiredAfterItWasSent_goesOnToItsEnd() throws IOException {
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, false)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            publisher.send(Packets.publish(Packets.message("a", "x", Qos.EXACTLY_ONCE, 60), 1));
            publisher.expect(Packet.Pubrec.class);
            client.expect(Packet.Publish.class);
            client.abort();
        }
        gateway.restartAfter(Duration.ofHours(1));
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, true)) {
            Packet.Publish again = client.expect(Packet.Publish.class);
            assertThat(again.dup()).isTrue();
            client.send(Packets.pubrec(again.packetId()));
            client.expect(Packet.Pubrel.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-2.2.1-4", "MQTT-4.3.2-1"})
    void identifiers_wrapAroundWithoutMeetingOneThatIsUnderWay(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            publish("a", "held", Qos.AT_LEAST_ONCE);
            int held = client.expect(Packet.Publish.class).packetId();
            int seen = 0;
            for (int i = 0; i < 70_000 && seen < 65_534; i += 500) {
                for (int k = 0; k < 500; k++) {
                    publisher.publish("a", "x", Qos.AT_LEAST_ONCE, 1 + k);
                }
                for (int k = 0; k < 500; k++) {
                    publisher.expect(Packet.Puback.class);
                }
                for (int k = 0; k < 500 && seen < 65_534; k++) {
                    Packet.Publish publish = client.expect(Packet.Publish.class);
                    assertThat(publish.packetId()).isNotEqualTo(held);
                    client.puback(publish.packetId());
                    seen++;
                }
            }
            client.expectNothing();
            client.puback(held);
            assertThat(client.expect(Packet.Publish.class).packetId()).isEqualTo(held);
        }
    }

    private void publish(String topic, String payload, Qos qos) throws IOException {
        lastId = 1 + lastId % 1_000;
        publisher.publish(topic, payload, qos, qos == Qos.AT_MOST_ONCE ? 0 : lastId);
        switch (qos) {
            case AT_MOST_ONCE -> publisher.expectNothing();
            case AT_LEAST_ONCE -> publisher.expect(Packet.Puback.class);
            case EXACTLY_ONCE -> {
                publisher.expect(Packet.Pubrec.class);
                publisher.send(Packets.pubrel(lastId));
                publisher.expect(Packet.Pubcomp.class);
            }
        }
    }

    private static void settle(RawClient client, Packet packet) throws IOException {
        switch (packet) {
            case Packet.Publish publish -> client.settle(publish);
            case Packet.Pubrel pubrel -> client.send(Packets.pubcomp(pubrel.packetId()));
            case Packet other -> throw new AssertionError(other);
        }
    }

    private static String text(RawClient client) throws IOException {
        return client.expect(Packet.Publish.class).message().payload().text();
    }
}
