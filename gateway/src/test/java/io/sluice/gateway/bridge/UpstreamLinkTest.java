// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.sluice.gateway.CuttableProxy;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of {@link Upstream}, held against a real Mosquitto and against a server whose every byte is chosen. */
class UpstreamLinkTest extends LinkHarness {

    /** As CONNECT says. */
    private static final int RECEIVE_MAXIMUM = 256;

    @Test
    void publish_messageWithAllProperties_arrivesWithThemInOrder() {
        Message message = Message.of(
                new TopicName("local/x"),
                Qos.AT_LEAST_ONCE,
                false,
                MessageProperties.builder()
                        .utf8Payload(true)
                        .contentType("text/plain")
                        .responseTopic("answers/hé")
                        .correlationData(Payload.of(new byte[] {0, 1, (byte) 0xFF}))
                        .userProperty("b", "2")
                        .userProperty("a", "1")
                        .userProperty("b", "")
                        .build(),
                3_600,
                0,
                Payload.ofText("grüße"));
        try (Mosquitto mosquitto = Mosquitto.start();
                Watcher watcher = new Watcher(mosquitto.port(), "#")) {
            connect(mosquitto.port());
            heard.awaitConnected(1);
            live.run(() -> upstream.publish(1, new TopicName("site/x"), Qos.AT_LEAST_ONCE, true, 100, message));
            await("answer", () -> heard.published.get(1L) == ReasonCode.SUCCESS);
            await("arrival", () -> watcher.arrived().size() == 1);
            Mqtt5Publish arrived = watcher.arrived().getFirst();
            assertThat(arrived.getTopic()).hasToString("site/x");
            assertThat(arrived.getPayloadAsBytes()).isEqualTo(message.payload().toBytes());
            assertThat(arrived.getPayloadFormatIndicator()).contains(Mqtt5PayloadFormatIndicator.UTF_8);
            assertThat(arrived.getContentType().orElseThrow()).hasToString("text/plain");
            assertThat(arrived.getResponseTopic().orElseThrow()).hasToString("answers/hé");
            assertThat(arrived.getMessageExpiryInterval().orElseThrow()).isBetween(90L, 100L);
            assertThat(arrived.getUserProperties().asList().stream()
                            .map(user -> user.getName() + "=" + user.getValue()))
                    .containsExactly("b=2", "a=1", "b=");
            byte[] correlation = new byte[3];
            arrived.getCorrelationData().orElseThrow().get(correlation);
            assertThat(correlation).containsExactly(0, 1, 0xFF);
        }
    }

    @Test
    void fetched_messageWithAllProperties_isHandedOverWithThemInOrder() {
        try (Mosquitto mosquitto = Mosquitto.start();
                Watcher watcher = new Watcher(mosquitto.port(), "none")) {
            connect(mosquitto.port());
            heard.awaitConnected(1);
            live.run(() -> upstream.subscribe(List.of(Samples.fetch("all", "other/#"), Samples.fetch("in", "in/#"))));
            await("subscribed", () -> heard.subscribed.size() == 2);
            watcher.send(Mqtt5Publish.builder()
                    .topic("in/x")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .payload(new byte[] {1, 2})
                    .contentType("c/t")
                    .responseTopic("r")
                    .correlationData(new byte[] {9})
                    .messageExpiryInterval(50)
                    .userProperties(Mqtt5UserProperties.of(
                            Mqtt5UserProperty.of("z", "1"),
                            Mqtt5UserProperty.of("a", "2"),
                            Mqtt5UserProperty.of("z", "3")))
                    .build());
            await("fetched", () -> heard.fetched.size() == 1);
            Message message = heard.fetched.getFirst().message();
            assertThat(heard.fetched.getFirst().subscriptionIds()).containsExactly(2);
            assertThat(message.topic().value()).isEqualTo("in/x");
            assertThat(message.retain()).isTrue();
            assertThat(message.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(message.receivedAt()).isEqualTo(NOW);
            assertThat(message.expirySeconds()).isBetween(45L, 50L);
            assertThat(message.payload().toBytes()).containsExactly(1, 2);
            assertThat(message.properties().contentType()).contains("c/t");
            assertThat(message.properties().responseTopic()).contains("r");
            assertThat(message.properties().correlationData()).contains(Payload.of(new byte[] {9}));
            assertThat(message.properties().userProperties())
                    .containsExactly(
                            new UserProperty("z", "1"), new UserProperty("a", "2"), new UserProperty("z", "3"));
        }
    }

    @Test
    void connect_sendsWhatTheSettingsSay() {
        try (FakeServer server = new FakeServer()) {
            connect(server.port());
            byte[] connect = server.accept(FakeServer.CONNACK);
            String hex = HexFormat.of().formatHex(connect);
            assertThat(hex).startsWith("1000044d51545405" + "00" + "0014"); // Flags: no clean start; keep alive 20 s.
            assertThat(hex)
                    .contains("1100000e10")
                    .contains("210100")
                    .contains("2700030000"); // Expiry, receive max, size.
            assertThat(hex).doesNotContain("2200"); // No topic alias maximum.
            heard.awaitConnected(1);
        }
    }

    @Test
    void publish_topicAliasesOffered_usesThemAndForgetsThemWithTheConnection() {
        try (FakeServer server = new FakeServer()) {
            connect(server, "20 06 00 00 03 22 00 0A");
            publish(1, "long/topic", "1", Qos.AT_LEAST_ONCE);
            publish(2, "long/topic", "2", Qos.AT_LEAST_ONCE);
            publish(3, "long/topic", "3", Qos.AT_LEAST_ONCE);
            String topic = "000a6c6f6e672f746f706963";
            assertThat(HexFormat.of().formatHex(server.packet(3))).isEqualTo("32" + topic + "0001" + "00" + "31");
            assertThat(HexFormat.of().formatHex(server.packet(3))).isEqualTo("32" + topic + "0002" + "03230001" + "32");
            assertThat(HexFormat.of().formatHex(server.packet(3)))
                    .isEqualTo("32" + "0000" + "0003" + "03230001" + "33");
            server.drop();
            heard.awaitClosed(1);
            connect(server, "20 06 00 00 03 22 00 0A");
            publish(4, "long/topic", "3", Qos.AT_LEAST_ONCE);
            assertThat(HexFormat.of().formatHex(server.packet(3))).isEqualTo("32" + topic + "0001" + "00" + "33");
        }
    }

    @Test
    void connected_upstreamWithLargeReceiveMaximumAndSmallPackets_saysSoAndStillFetches() {
        try (FakeServer server = new FakeServer()) {
            connect(server, "20 0B 00 00 08 21 FF FF 27 00 00 00 20");
            assertThat(heard.connected.getFirst().receiveMaximum()).isEqualTo(0xFFFF);
            publish(1, "a", "1", Qos.AT_LEAST_ONCE);
            server.packet(3);
            server.send("30 28 00 01 61 00" + "78".repeat(36));
            await("a packet larger than upstream's own limit", () -> heard.fetched.size() == 1);
        }
    }

    @Test
    void publish_largerThanUpstreamTakes_isAnsweredUnsentAndItsIdentifierIsFree() {
        try (FakeServer server = new FakeServer()) {
            connect(server, "20 08 00 00 05 27 00 00 00 20");
            publish(1, "a", "x".repeat(40), Qos.AT_LEAST_ONCE);
            await("answered", () -> heard.published.get(1L) == ReasonCode.PACKET_TOO_LARGE);
            for (int i = 2; i <= settings.window() + 1; i++) {
                publish(i, "a", "m", Qos.AT_LEAST_ONCE);
            }
            assertThat(server.packet(3)).endsWith((byte) 'm');
        }
    }

    @Test
    void published_answersInAnyOrder_belongToTheirTokens() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            for (int i = 1; i <= 3; i++) {
                publish(i, "a", "m" + i, Qos.AT_LEAST_ONCE);
            }
            int[] ids = {id(server), id(server), id(server)};
            server.send(FakeServer.puback(ids[2], 0x97) + FakeServer.puback(ids[0]) + FakeServer.puback(60_000));
            await("two answers", () -> heard.published.size() == 2);
            assertThat(heard.published).containsEntry(1L, ReasonCode.SUCCESS);
            assertThat(heard.published).containsEntry(3L, ReasonCode.QUOTA_EXCEEDED);
        }
    }

    private static int id(FakeServer server) {
        return FakeServer.packetId(server.packet(3));
    }

    @Test
    void published_reasonCodes_areTheTrueOnes() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            int[] codes = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x97, 0x99};
            for (int i = 0; i < codes.length; i++) {
                publish(i, "a", "m", Qos.AT_LEAST_ONCE);
                server.send(FakeServer.puback(FakeServer.packetId(server.packet(3)), codes[i]));
            }
            await("all answered", () -> heard.published.size() == codes.length);
            for (int i = 0; i < codes.length; i++) {
                assertThat(heard.published.get((long) i).code()).isEqualTo(codes[i]);
            }
        }
    }

    @Test
    void publish_withQos0_isAnsweredWhenTheSocketHasIt() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            publish(1, "a\u0001b", "1", Qos.AT_MOST_ONCE);
            await("answered", () -> heard.published.get(1L) == ReasonCode.SUCCESS);
            assertThat(HexFormat.of().formatHex(server.packet(3))).isEqualTo("3000036101620031");
        }
    }

    @Test
    void publish_moreThanUpstreamReads_isNotWritableUntilItDoes() {
        try (Mosquitto mosquitto = Mosquitto.start("max_inflight_messages 0")) {
            connect(mosquitto.port());
            heard.awaitConnected(1);
            assertThat(live.on(upstream::isWritable)).isTrue();
            mosquitto.freeze();
            Message large = Samples.message("local/x", "x".repeat(200_000));
            for (int i = 0; i < settings.window() && live.on(upstream::isWritable); i++) {
                long token = i;
                live.run(() ->
                        upstream.publish(token, new TopicName("a"), Qos.AT_LEAST_ONCE, false, Message.NEVER, large));
            }
            assertThat(live.on(upstream::isWritable)).isFalse();
            assertThat(heard.writable).hasValue(0);
            mosquitto.thaw();
            await("writable", () -> heard.writable.get() > 0);
            assertThat(live.on(upstream::isWritable)).isTrue();
        }
    }

    @Test
    void packet_inTwoParts_isReadAsOne() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            publish(1, "a", "1", Qos.AT_LEAST_ONCE);
            String puback = FakeServer.puback(FakeServer.packetId(server.packet(3)));
            server.send(puback.substring(0, 2));
            live.run(() -> {}); // the first half has been read, or will be
            server.send(puback.substring(2));
            await("answered", () -> heard.published.get(1L) == ReasonCode.SUCCESS);
        }
    }

    @Test
    void fetched_invalidTopic_isAcknowledgedAndTold() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send("32 08 00 01 23 00 07 00 68 69"); // Topic "#".
            assertThat(server.packet(4)).containsExactly(0x40, 0, 7);
            await("told", () -> heard.refused.size() == 1);
            assertThat(heard.fetched).isEmpty();
        }
    }

    @Test
    void fetched_largeCorrelationData_isHandedOver() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send("32 8B 80 02 00 01 61 00 07 83 80 02 09 80 00" + "00".repeat(32_768));
            await("fetched", () -> heard.fetched.size() == 1);
            assertThat(heard.fetched
                            .getFirst()
                            .message()
                            .properties()
                            .correlationData()
                            .orElseThrow()
                            .length())
                    .isEqualTo(32_768);
        }
    }

    @Test
    void fetched_unaskedWithQos2_isTakenWithItsFourPackets() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send("34 08 00 01 61 00 07 00 68 69");
            await("fetched", () -> heard.fetched.size() == 1);
            live.run(() -> upstream.acknowledge(heard.fetched.getFirst()));
            assertThat(server.packet()).containsExactly(0x50, 0, 7);
            server.send("62 02 00 07");
            assertThat(server.packet()).containsExactly(0x70, 0, 7);
        }
    }

    @Test
    void read_turnedOff_leavesWhatComesInTheSocket() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            live.run(() -> upstream.read(false));
            server.send("30 05 00 01 61 00 31");
            await("what the read brings that was asked for already", () -> heard.fetched.size() == 1);
            for (int i = 0; i < 2; i++) {
                server.send("30 05 00 01 61 00 31");
                publish(i, "a", "round trip", Qos.AT_MOST_ONCE);
                server.packet(3);
            }
            assertThat(heard.fetched).hasSize(1);
            live.run(() -> upstream.read(true));
            await("all", () -> heard.fetched.size() == 3);
        }
    }

    @Test
    void subscribe_wildcardsThatUpstreamDoesNotHave_isAnsweredUnasked() {
        try (FakeServer server = new FakeServer()) {
            connect(server, "20 07 00 00 04 28 00 29 00");
            live.run(() -> upstream.subscribe(List.of(Samples.fetch("all", "in/#"), Samples.fetch("one", "in/x"))));
            await("refused", () -> heard.subscribed.contains(ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED));
            assertThat(HexFormat.of().formatHex(server.packet(8))).isEqualTo("8200020000" + "04696e2f78" + "1d");
            server.send("90 04 00 02 00 01");
            await("granted", () -> heard.subscribed.contains(ReasonCode.GRANTED_QOS_1));
        }
    }

    @Test
    void acknowledge_ofAnEarlierConnection_sendsNothing() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send("32 08 00 01 61 00 07 00 68 69");
            await("fetched", () -> heard.fetched.size() == 1);
            server.drop();
            heard.awaitClosed(1);
            connect(server, FakeServer.CONNACK);
            live.run(() -> upstream.acknowledge(heard.fetched.getFirst()));
            publish(1, "a", "1", Qos.AT_MOST_ONCE);
            assertThat(server.packet()[0] & 0xF0)
                    .as("the PUBLISH, no PUBACK before it")
                    .isEqualTo(0x30);
        }
    }

    @Test
    void fetched_butNotAcknowledged_comesAgainInTheSameSession() {
        try (Mosquitto mosquitto = Mosquitto.start("log_type all");
                CuttableProxy proxy = new CuttableProxy(mosquitto.port());
                Watcher watcher = new Watcher(mosquitto.port(), "none")) {
            connect(proxy.port());
            heard.awaitConnected(1);
            assertThat(heard.connected.getFirst().sessionPresent()).isFalse();
            live.run(() -> upstream.subscribe(List.of(Samples.fetch("in", "in/#"))));
            await("subscribed", () -> heard.subscribed.size() == 1);
            watcher.publish("in/x", "acknowledged");
            watcher.publish("in/x", "not");
            await("fetched", () -> heard.fetched.size() == 2);
            live.run(() -> upstream.acknowledge(heard.fetched.getFirst()));
            await("acknowledged", () -> mosquitto.log().contains("Received PUBACK from sluice-test"));
            proxy.cut();
            heard.awaitClosed(1);
            connect(proxy.port());
            heard.awaitConnected(2);
            assertThat(heard.connected.get(1).sessionPresent()).isTrue();
            await("fetched again", () -> heard.fetched.size() == 3);
            assertThat(heard.fetched.get(2).message().payload().text()).isEqualTo("not");
            assertThat(heard.fetched.get(2).connection()).isEqualTo(2);
        }
    }

    @Test
    void fetched_unacknowledged_upstreamStopsAtTheReceiveMaximum() {
        try (Mosquitto mosquitto = Mosquitto.start("max_inflight_messages 0");
                Watcher watcher = new Watcher(mosquitto.port(), "none")) {
            connect(mosquitto.port());
            heard.awaitConnected(1);
            live.run(() -> upstream.subscribe(List.of(Samples.fetch("in", "in/#"))));
            await("subscribed", () -> heard.subscribed.size() == 1);
            for (int i = 0; i < RECEIVE_MAXIMUM + 50; i++) {
                watcher.publish("in/x", "m" + i);
            }
            await("a window full", () -> heard.fetched.size() == RECEIVE_MAXIMUM);
            publish(1, "out", "round trip", Qos.AT_LEAST_ONCE);
            await("answered", () -> heard.published.containsKey(1L));
            assertThat(heard.fetched).hasSize(RECEIVE_MAXIMUM);
            live.run(() -> heard.fetched.forEach(upstream::acknowledge));
            await("the rest", () -> heard.fetched.size() == RECEIVE_MAXIMUM + 50);
        }
    }
}
