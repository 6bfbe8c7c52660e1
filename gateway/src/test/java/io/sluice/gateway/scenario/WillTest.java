// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The will: stored, published, delayed, removed. */
@Tag("wire")
final class WillTest {

    private static final Message WILL = Packets.message("will/client", "gone", Qos.AT_MOST_ONCE);

    private final RunningGateway gateway = RunningGateway.start();
    private RawClient watcher;

    @BeforeEach
    void watch() throws IOException {
        watcher = gateway.connected("watcher");
        watcher.subscribe(1, "will/#", Qos.EXACTLY_ONCE);
    }

    @AfterEach
    void close() {
        watcher.close();
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.2-7", "MQTT-3.1.2-8", "MQTT-3.1.2-14", "MQTT-3.1.2-10"})
    void will_connectionLost_isPublishedOnceAndNotRetained(ProtocolVersion version) throws IOException {
        connect(version, WILL, 0, 0).abort();

        assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("gone");
        try (RawClient late = gateway.connected("late")) {
            late.subscribe(1, "will/#", Qos.AT_MOST_ONCE);
            late.expectNothing();
        }
        watcher.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.14.4-3", "MQTT-3.1.2-10"})
    void will_normalDisconnect_isRemoved(ProtocolVersion version) throws IOException {
        try (RawClient client = connect(version, WILL, 0, 0)) {
            client.send(Packets.disconnect(ReasonCode.SUCCESS));
            client.expectClosed();
        }
        watcher.expectNothing();
    }

    @Test
    @Statement("MQTT-3.1.2-8")
    void will_disconnectWithWill_isPublished() throws IOException {
        try (RawClient client = connect(ProtocolVersion.MQTT_5, WILL, 0, 0)) {
            client.send(Packets.disconnect(ReasonCode.DISCONNECT_WITH_WILL));
            client.expectClosed();
        }
        assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("gone");
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.2-8", "MQTT-4.13.1-1"})
    void will_protocolError_isPublished(ProtocolVersion version) throws IOException {
        try (RawClient client = connect(version, WILL, 0, 0)) {
            client.sendHex("f1 00");

            assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("gone");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.2-9", "MQTT-3.1.2-12", "MQTT-3.1.2-15"})
    void will_eachQosAndRetained_isPublishedAsAsked(ProtocolVersion version) throws IOException {
        for (Qos qos : Qos.values()) {
            connect(version, Packets.retained("will/" + qos.level(), "gone", qos), 0, 0)
                    .abort();

            Packet.Publish publish = watcher.expect(Packet.Publish.class);
            assertThat(publish.message().qos()).isEqualTo(qos);
            assertThat(publish.message().retain()).isFalse();
            try (RawClient late = gateway.connected("late")) {
                late.subscribe(1, "will/" + qos.level(), Qos.EXACTLY_ONCE);
                Packet.Publish kept = late.expect(Packet.Publish.class);
                assertThat(kept.message().retain()).isTrue();
                assertThat(kept.message().qos()).isEqualTo(qos);
            }
        }
    }

    @Test
    @Statement({"MQTT-3.1.3-10", "MQTT-3.1.2-9"})
    void will_properties_areForwarded() throws IOException {
        MessageProperties properties = MessageProperties.builder()
                .utf8Payload(true)
                .contentType("text/plain")
                .responseTopic("answers")
                .correlationData(Payload.ofText("7"))
                .userProperty("b", "2")
                .userProperty("a", "1")
                .userProperty("b", "2")
                .build();
        connect(
                        ProtocolVersion.MQTT_5,
                        Message.of(
                                new TopicName("will/client"),
                                Qos.AT_MOST_ONCE,
                                false,
                                properties,
                                60,
                                0,
                                Payload.ofText("gone")),
                        0,
                        0)
                .abort();

        Message published = watcher.expect(Packet.Publish.class).message();
        assertThat(published.properties().userProperties())
                .containsExactly(new UserProperty("b", "2"), new UserProperty("a", "1"), new UserProperty("b", "2"));
        assertThat(published.properties().contentType()).hasValue("text/plain");
        assertThat(published.properties().responseTopic()).hasValue("answers");
        assertThat(published.properties().correlationData()).hasValue(Payload.ofText("7"));
        assertThat(published.properties().isUtf8Payload()).isTrue();
        assertThat(published.expirySeconds()).isEqualTo(60);
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.2-8", "MQTT-3.1.4-3"})
    void will_takeover_isPublished(ProtocolVersion version) throws IOException {
        try (RawClient older = connect(version, WILL, 0, 0);
                RawClient newer = gateway.connected("client", version)) {
            assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("gone");
            newer.expectNothing();
        }
    }

    @Test
    @Statement("MQTT-3.1.3-9")
    void will_delayedAndTheClientComesBack_isNotPublished() throws IOException {
        connect(ProtocolVersion.MQTT_5, WILL, 60, 1).abort();
        try (RawClient back = gateway.open(ProtocolVersion.MQTT_5)) {
            assertThat(back.connect("client", false, 0).sessionPresent()).isTrue();
            back.disconnect();
        }
        connect(ProtocolVersion.MQTT_5, Packets.message("will/other", "last", Qos.AT_MOST_ONCE), 60, 1)
                .abort();

        assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("last");
        watcher.expectNothing();
    }

    @Test
    @Statement("MQTT-3.1.3-9")
    void will_delayedAndTakenOverWithTheSession_isNotPublished() throws IOException {
        try (RawClient older = connect(ProtocolVersion.MQTT_5, WILL, 60, 60);
                RawClient newer = gateway.open(ProtocolVersion.MQTT_5)) {
            assertThat(newer.connect("client", false, 60).sessionPresent()).isTrue();
            older.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
        }
        watcher.expectNothing();
    }

    @Test
    @Statement("MQTT-3.1.2-8")
    void will_delayedAndTheSessionEndsBefore_isPublished() throws IOException {
        connect(ProtocolVersion.MQTT_5, WILL, 1, 3_600).abort();

        assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("gone");
    }

    @Test
    @Statement({"MQTT-3.1.2-8", "MQTT-3.1.2-4"})
    void will_delayedAndTheSessionIsDiscarded_isPublished() throws IOException {
        connect(ProtocolVersion.MQTT_5, WILL, 60, 60).abort();
        gateway.connected("client").close();

        assertThat(text(watcher.expect(Packet.Publish.class))).isEqualTo("gone");
    }

    @Test
    @Statement({"MQTT-3.1.2-7", "MQTT-3.1.2-8"})
    void will_delayed_outlivesTheGateway() throws IOException {
        try (RawClient durable = gateway.durable("durable", ProtocolVersion.MQTT_5, false)) {
            durable.subscribe(1, "will/#", Qos.AT_LEAST_ONCE);
            durable.disconnect();
        }
        connect(ProtocolVersion.MQTT_5, Packets.message("will/client", "gone", Qos.AT_LEAST_ONCE), 7_200, 3_600)
                .abort();

        gateway.restartAfter(Duration.ofMinutes(50));
        try (RawClient durable = gateway.durable("durable", ProtocolVersion.MQTT_5, true)) {
            durable.expectNothing();
            durable.disconnect();
        }
        gateway.restartAfter(Duration.ofMinutes(20));
        try (RawClient durable = gateway.durable("durable", ProtocolVersion.MQTT_5, true)) {
            assertThat(text(durable.expect(Packet.Publish.class))).isEqualTo("gone");
        }
    }

    private RawClient connect(ProtocolVersion version, Message will, long expirySeconds, long delaySeconds)
            throws IOException {
        RawClient client = gateway.open(version);
        client.send(Packets.withWill(
                Packets.connect(version, "client", expirySeconds == 0, ConnectProperties.withExpiry(expirySeconds)),
                will,
                delaySeconds));
        assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private static String text(Packet.Publish publish) {
        return publish.message().payload().text();
    }
}
