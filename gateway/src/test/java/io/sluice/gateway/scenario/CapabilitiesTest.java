// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnackProperties;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What MQTT leaves to the server: announced, and enforced, as the configuration says. */
@Tag("wire")
final class CapabilitiesTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    private static Settings.Mqtt offers(Qos maximumQos, boolean retain, boolean others, int topicAliases) {
        return new Settings.Mqtt(
                maximumQos,
                retain,
                others,
                others,
                others,
                topicAliases,
                true,
                Duration.ZERO,
                Optional.empty(),
                Optional.empty());
    }

    private static Settings.Mqtt telling(
            boolean checkPayloadFormat, Optional<String> responseInformation, Optional<Settings.Redirect> redirect) {
        return new Settings.Mqtt(
                Qos.EXACTLY_ONCE,
                true,
                true,
                true,
                true,
                16,
                checkPayloadFormat,
                Duration.ZERO,
                responseInformation,
                redirect);
    }

    @Test
    void everything_byDefault_isOffered() throws IOException {
        ConnackProperties announced = announced(ConnectProperties.defaults());
        assertThat(announced.maximumQos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(announced.retainAvailable()).isTrue();
        assertThat(announced.wildcardSubscriptionAvailable()).isTrue();
        assertThat(announced.subscriptionIdentifiersAvailable()).isTrue();
        assertThat(announced.sharedSubscriptionAvailable()).isTrue();
        assertThat(announced.topicAliasMaximum()).isEqualTo(16);
        assertThat(announced.responseInformation()).isEmpty();
        assertThat(announced.serverReference()).isEmpty();
    }

    private ConnackProperties announced(ConnectProperties properties) throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            return client.connect("asking", true, properties).properties();
        }
    }

    @Test
    @Statement({"MQTT-3.2.2-9", "MQTT-3.2.2-10"})
    void maximumQos_lowered_isAnnouncedAndGranted() throws IOException {
        for (Qos maximum : Qos.values()) {
            gateway.restartWith(mqtt -> offers(maximum, true, true, 16));
            assertThat(announced(ConnectProperties.defaults()).maximumQos()).isEqualTo(maximum);
            try (RawClient client = gateway.connected("client")) {
                for (Qos asked : Qos.values()) {
                    Packet.Suback suback = client.subscribe(1, "a" + asked.level(), asked);
                    assertThat(suback.reasons().getFirst().code()).isEqualTo(Math.min(asked.level(), maximum.level()));
                }
            }
        }
    }

    @Test
    @Statement("MQTT-3.2.2-11")
    void publish_aboveTheMaximumQos_endsTheConnection() throws IOException {
        gateway.restartWith(mqtt -> offers(Qos.AT_LEAST_ONCE, true, true, 16));
        try (RawClient client = gateway.connected("client")) {
            client.publish("a", "x", Qos.AT_LEAST_ONCE, 1);
            client.expect(Packet.Puback.class);
            client.publish("a", "x", Qos.EXACTLY_ONCE, 2);
            client.expectDisconnect(ReasonCode.QOS_NOT_SUPPORTED);
        }
        try (RawClient client = gateway.connected("client", ProtocolVersion.MQTT_3_1_1)) {
            client.publish("a", "x", Qos.EXACTLY_ONCE, 2);
            client.expectClosed();
        }
    }

    @Test
    @Statement({"MQTT-3.2.2-12", "MQTT-3.2.2-13"})
    void will_thatIsNotOffered_isRefused() throws IOException {
        gateway.restartWith(mqtt -> offers(Qos.AT_LEAST_ONCE, false, true, 16));
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(Packets.withWill(
                    Packets.connect(ProtocolVersion.MQTT_5, "client"), Packets.message("a", "x", Qos.EXACTLY_ONCE), 0));
            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.QOS_NOT_SUPPORTED);
            client.expectClosed();
        }
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(Packets.withWill(
                    Packets.connect(ProtocolVersion.MQTT_5, "client"),
                    Packets.retained("a", "x", Qos.AT_LEAST_ONCE),
                    0));
            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.RETAIN_NOT_SUPPORTED);
            client.expectClosed();
        }
    }

    @Test
    @Statement("MQTT-3.2.2-14")
    void retain_turnedOff_isAnnouncedAndRefused() throws IOException {
        gateway.restartWith(mqtt -> offers(Qos.EXACTLY_ONCE, false, true, 16));
        assertThat(announced(ConnectProperties.defaults()).retainAvailable()).isFalse();
        try (RawClient client = gateway.connected("client")) {
            client.send(Packets.publish(Packets.retained("a", "x", Qos.AT_MOST_ONCE), 0));
            client.expectDisconnect(ReasonCode.RETAIN_NOT_SUPPORTED);
        }
    }

    @Test
    void subscriptions_thatAreNotOffered_endTheConnection() throws IOException {
        gateway.restartWith(mqtt -> offers(Qos.EXACTLY_ONCE, true, false, 16));
        ConnackProperties announced = announced(ConnectProperties.defaults());
        assertThat(announced.wildcardSubscriptionAvailable()).isFalse();
        assertThat(announced.subscriptionIdentifiersAvailable()).isFalse();
        assertThat(announced.sharedSubscriptionAvailable()).isFalse();
        expectRefused(
                Packets.subscribe(1, Packets.subscription("a/+", Qos.AT_MOST_ONCE)),
                ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        expectRefused(
                Packets.subscribe(1, Packets.subscription("$share/g/a", Qos.AT_MOST_ONCE)),
                ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
        expectRefused(
                Packets.subscribe(1, 5, Packets.subscription("a", Qos.AT_MOST_ONCE)),
                ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED);
        try (RawClient older = gateway.connected("client", ProtocolVersion.MQTT_3_1_1)) {
            older.send(Packets.subscribe(
                    1,
                    Packets.subscription("#", Qos.AT_MOST_ONCE),
                    Packets.subscription("a", Qos.AT_MOST_ONCE),
                    Packets.subscription("$share/g/a", Qos.AT_MOST_ONCE)));
            assertThat(older.expect(Packet.Suback.class).reasons())
                    .containsExactly(ReasonCode.UNSPECIFIED_ERROR, ReasonCode.SUCCESS, ReasonCode.UNSPECIFIED_ERROR);
        }
    }

    private void expectRefused(Packet.Subscribe subscribe, ReasonCode reason) throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.send(subscribe);
            client.expectDisconnect(reason);
        }
    }

    @Test
    @Statement("MQTT-3.1.2-28")
    void responseInformation_onRequestOnly_isGiven() throws IOException {
        assertThat(announced(Packets.requesting(true, true)).responseInformation())
                .isEmpty();
        gateway.restartWith(mqtt -> telling(true, Optional.of("responses/{client}/x"), Optional.empty()));
        assertThat(announced(Packets.requesting(true, true)).responseInformation())
                .contains("responses/asking/x");
        assertThat(announced(Packets.requesting(false, true)).responseInformation())
                .isEmpty();
    }

    @Test
    void payloadFormat_unchecked_isPassedOn() throws IOException {
        String publish = "30 08 0001 61 02 0101 C328";
        try (RawClient client = gateway.connected("client")) {
            client.sendHex(publish);
            client.expectDisconnect(ReasonCode.PAYLOAD_FORMAT_INVALID);
        }
        gateway.restartWith(mqtt -> telling(false, Optional.empty(), Optional.empty()));
        try (RawClient client = gateway.connected("client")) {
            client.subscribe(1, "a", Qos.AT_MOST_ONCE);
            client.sendHex(publish);
            assertThat(client.expect(Packet.Publish.class).message().payload().toBytes())
                    .containsExactly(0xC3, 0x28);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-3.2.2-7")
    void redirect_now_servesNobody(Settings.Redirect.When when) throws IOException {
        gateway.restartWith(mqtt ->
                telling(true, Optional.empty(), Optional.of(new Settings.Redirect("other.example:1883", when))));
        if (when == Settings.Redirect.When.ON_STOP) {
            try (RawClient client = gateway.connected("client")) {
                client.expectNothing();
            }
            return;
        }
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(Packets.connect(ProtocolVersion.MQTT_5, "client"));
            Packet.Connack connack = client.expect(Packet.Connack.class);
            assertThat(connack.reason())
                    .isEqualTo(
                            when == Settings.Redirect.When.NOW
                                    ? ReasonCode.USE_ANOTHER_SERVER
                                    : ReasonCode.SERVER_MOVED);
            assertThat(connack.properties().serverReference()).contains("other.example:1883");
            client.expectClosed();
        }
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_3_1_1)) {
            client.send(Packets.connect(ProtocolVersion.MQTT_3_1_1, "client"));
            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
            client.expectClosed();
        }
    }

    @Test
    void redirect_onStop_isToldToWhoeverIsConnected() throws IOException {
        gateway.restartWith(mqtt -> telling(
                true,
                Optional.empty(),
                Optional.of(new Settings.Redirect("other.example:1883", Settings.Redirect.When.ON_STOP))));
        try (RawClient client = gateway.connected("client")) {
            gateway.restart();
            Packet.Disconnect disconnect = client.expect(Packet.Disconnect.class);
            assertThat(disconnect.reason()).isEqualTo(ReasonCode.USE_ANOTHER_SERVER);
            assertThat(disconnect.serverReference()).contains("other.example:1883");
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-7", "MQTT-3.3.2-9", "MQTT-3.3.2-10", "MQTT-3.3.2-12"})
    void topicAlias_fromAClient_standsForItsTopicOnThatConnection() throws IOException {
        try (RawClient subscriber = gateway.connected("subscriber");
                RawClient client = gateway.connected("client")) {
            subscriber.subscribe(1, "#", Qos.AT_MOST_ONCE);
            client.sendHex("30 08 0001 61 03 230010 31"); // topic "a", alias 16, payload "1"
            client.sendHex("30 07 0000 03 230010 32");
            client.sendHex("30 08 0001 62 03 230010 33"); // the alias is set anew
            client.sendHex("30 07 0000 03 230010 34");
            for (String expected : new String[] {"a1", "a2", "b3", "b4"}) {
                Packet.Publish publish = subscriber.expect(Packet.Publish.class);
                assertThat(publish.message().topic().value()
                                + publish.message().payload().text())
                        .isEqualTo(expected);
            }
            try (RawClient other = gateway.connected("other")) {
                other.sendHex("30 07 0000 03 230010 35");
                other.expectDisconnect(ReasonCode.PROTOCOL_ERROR);
            }
            client.sendHex("30 08 0001 61 03 230011 31");
            client.expectDisconnect(ReasonCode.TOPIC_ALIAS_INVALID);
        }
    }

    @Test
    void topicAliases_ofLongTopics_areBounded() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            String topic = "61".repeat(5_000);
            client.sendHex("30 8E27 1388" + topic + "03 230001");
            client.expectNothing();
            client.sendHex("30 8E27 1388" + topic.replace('1', '2') + "03 230002");
            client.expectDisconnect(ReasonCode.QUOTA_EXCEEDED);
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-26", "MQTT-3.1.2-27", "MQTT-3.3.2-11"})
    void topicAlias_towardsAClient_isUsedAsFarAsItAllows() throws IOException {
        String topic = "a/topic/of/some/length";
        try (RawClient taking = gateway.open(ProtocolVersion.MQTT_5);
                RawClient plain = gateway.connected("plain");
                RawClient publisher = gateway.connected("publisher")) {
            taking.connect("taking", true, Packets.topicAliasMaximum(1));
            taking.subscribe(1, "a/#", Qos.AT_LEAST_ONCE);
            plain.subscribe(1, "a/#", Qos.AT_LEAST_ONCE);
            long before = taking.bytesReceived() - plain.bytesReceived();
            for (int i = 1; i <= 20; i++) {
                publisher.publish(topic + i % 2, "x", Qos.AT_LEAST_ONCE, i);
                for (RawClient client : new RawClient[] {taking, plain}) {
                    Packet.Publish publish = client.expect(Packet.Publish.class);
                    assertThat(publish.message().topic().value()).isEqualTo(topic + i % 2);
                }
            }
            long saved = before - (taking.bytesReceived() - plain.bytesReceived());
            assertThat(saved).isEqualTo(8L * (topic.length() + 1 - 3) - 3); // one topic's, from the second time on
        }
    }
}
