// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The session: when it begins, what it keeps, when it ends. */
@Tag("wire")
final class SessionTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({
        "MQTT-3.1.2-5",
        "MQTT-3.1.2-6",
        "MQTT-3.1.2-23",
        "MQTT-3.2.2-3",
        "MQTT-4.1.0-1",
        "MQTT-4.5.0-1",
        "MQTT-3.1.4-4",
        "MQTT-3.1.3-2"
    })
    void session_durable_keepsSubscriptionsAndQueuedMessages(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.durable("client", version, false)) {
            client.subscribe(1, "a/#", Qos.EXACTLY_ONCE);
            client.disconnect();
        }
        publish("a/1", "one", Qos.AT_LEAST_ONCE);
        publish("a/2", "two", Qos.EXACTLY_ONCE);
        gateway.restart();
        publish("a/3", "three", Qos.AT_LEAST_ONCE);
        try (RawClient client = gateway.durable("client", version, true)) {
            List<Packet.Publish> publishes = new ArrayList<>();
            for (String expected : new String[] {"one", "two", "three"}) {
                Packet.Publish publish = client.expect(Packet.Publish.class);
                assertThat(publish.message().payload().text()).isEqualTo(expected);
                publishes.add(publish);
            }
            for (Packet.Publish publish : publishes) {
                settle(client, publish);
            }
            client.expectNothing();
            client.disconnect();
        }
        gateway.restart();
        try (RawClient client = gateway.durable("client", version, true)) {
            client.expectNothing();
            publish("a/4", "four", Qos.AT_MOST_ONCE);
            assertThat(client.expect(Packet.Publish.class).message().payload().text())
                    .isEqualTo("four");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.2-4", "MQTT-3.2.2-2", "MQTT-3.1.4-4"})
    void session_cleanStart_discardsTheOneBefore(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.durable("client", version, false)) {
            client.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            client.disconnect();
        }
        publish("a", "x", Qos.AT_LEAST_ONCE);
        try (RawClient client = gateway.open(version)) {
            assertThat(client.connect("client", true, 0).sessionPresent()).isFalse();
            publish("a", "y", Qos.AT_LEAST_ONCE);
            client.expectNothing();
            client.disconnect();
        }
        gateway.durable("client", version, false).disconnect();
        gateway.restart();
        try (RawClient client = gateway.durable("client", version, true)) {
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.1.0-2", "MQTT-3.1.2-6"})
    void session_withoutExpiry_endsWithItsConnection(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            client.disconnect();
        }
        try (RawClient client = gateway.durable("client", version, false)) {
            publish("a", "x", Qos.AT_LEAST_ONCE);
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-4.1.0-2", "MQTT-3.1.2-23"})
    void session_expires_afterItsIntervalAndNotBefore() throws IOException {
        connect(3_600).disconnect();
        gateway.restartAfter(Duration.ofMinutes(55));
        connect(3_600, true).disconnect();
        gateway.restartAfter(Duration.ofMinutes(61));
        connect(3_600, false).disconnect();
    }

    @Test
    @Statement("MQTT-4.1.0-2")
    void session_expires_whileTheGatewayRuns() throws IOException {
        try (RawClient watcher = gateway.connected("watcher");
                RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            watcher.subscribe(1, "will", Qos.AT_MOST_ONCE);
            client.send(Packets.withWill(
                    Packets.connect(ProtocolVersion.MQTT_5, "client", true, ConnectProperties.withExpiry(1)),
                    Packets.message("will", "ended", Qos.AT_MOST_ONCE),
                    60));
            client.expect(Packet.Connack.class);
            client.abort();
            watcher.expect(Packet.Publish.class); // the session's end, which the will delay must not outlast
        }
        connect(60, false).disconnect();
    }

    @Test
    @Statement("MQTT-3.1.2-23")
    void disconnect_changesTheExpiry() throws IOException {
        try (RawClient client = connect(60)) {
            client.send(Packets.disconnect(0));
            client.expectClosed();
        }
        try (RawClient client = connect(60, false)) {
            client.send(Packets.disconnect(7_200));
            client.expectClosed();
        }
        gateway.restartAfter(Duration.ofMinutes(110));
        connect(60, true).disconnect();
    }

    @Test
    void expiry_aboveTheLimit_isLoweredAndSaid() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            long limit = RunningGateway.LIMITS.sessionExpiry().toSeconds();
            assertThat(client.connect("client", true, limit + 1).properties().sessionExpirySeconds())
                    .hasValue(limit);
            assertThat(connectAgain(limit).properties().sessionExpirySeconds()).isEmpty();
        }
    }

    private Packet.Connack connectAgain(long expirySeconds) throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            return client.connect("other", true, expirySeconds);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.4-3", "MQTT-3.1.2-5", "MQTT-4.4.0-1"})
    void takeover_ofADurableSession_givesItToTheNewerConnection(ProtocolVersion version) throws IOException {
        try (RawClient older = gateway.durable("client", version, false)) {
            older.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            publish("a", "x", Qos.AT_LEAST_ONCE);
            older.expect(Packet.Publish.class);
            try (RawClient newer = gateway.durable("client", version, true)) {
                Packet.Publish again = newer.expect(Packet.Publish.class);
                assertThat(again.dup()).isTrue();
                newer.puback(again.packetId());
                publish("a", "y", Qos.AT_LEAST_ONCE);
                assertThat(newer.expect(Packet.Publish.class)
                                .message()
                                .payload()
                                .text())
                        .isEqualTo("y");
            }
            if (version == ProtocolVersion.MQTT_5) {
                older.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
            } else {
                older.expectClosed();
            }
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
    void queuedMessages_expireOrSayWhatIsLeft() throws IOException {
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, false)) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            client.disconnect();
        }
        try (RawClient publisher = gateway.connected("publisher")) {
            publisher.send(Packets.publish(Packets.message("a", "short", Qos.AT_LEAST_ONCE, 60), 1));
            publisher.expect(Packet.Puback.class);
            publisher.send(Packets.publish(Packets.message("a", "long", Qos.AT_LEAST_ONCE, 3_600), 2));
            publisher.expect(Packet.Puback.class);
        }
        gateway.restartAfter(Duration.ofMinutes(10));
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, true)) {
            Packet.Publish publish = client.expect(Packet.Publish.class);
            assertThat(publish.message().payload().text()).isEqualTo("long");
            assertThat(publish.message().expirySeconds()).isBetween(2_990L, 3_001L);
            client.puback(publish.packetId());
            client.expectNothing();
        }
    }

    @Test
    @Statement("MQTT-3.3.2-5")
    void message_withExpiryZero_isDeliveredToNobodyWhoHasToWait() throws IOException {
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, false)) {
            client.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            client.disconnect();
        }
        try (RawClient publisher = gateway.connected("publisher")) {
            publisher.send(Packets.publish(Packets.message("a", "gone", Qos.AT_LEAST_ONCE, 0), 1));
            publisher.expect(Packet.Puback.class);
        }
        try (RawClient client = gateway.durable("client", ProtocolVersion.MQTT_5, true)) {
            client.expectNothing();
        }
    }

    private RawClient connect(long expirySeconds) throws IOException {
        return connect(expirySeconds, false);
    }

    private RawClient connect(long expirySeconds, boolean present) throws IOException {
        RawClient client = gateway.open(ProtocolVersion.MQTT_5);
        assertThat(client.connect("client", false, expirySeconds).sessionPresent())
                .isEqualTo(present);
        return client;
    }

    private void publish(String topic, String payload, Qos qos) throws IOException {
        try (RawClient publisher = gateway.connected("publisher")) {
            publisher.publish(topic, payload, qos, qos == Qos.AT_MOST_ONCE ? 0 : 1);
            switch (qos) {
                case AT_MOST_ONCE -> publisher.expectNothing();
                case AT_LEAST_ONCE -> publisher.expect(Packet.Puback.class);
                case EXACTLY_ONCE -> publisher.expect(Packet.Pubrec.class);
            }
        }
    }

    private static void settle(RawClient client, Packet.Publish publish) throws IOException {
        if (publish.message().qos() == Qos.AT_LEAST_ONCE) {
            client.puback(publish.packetId());
        } else {
            client.send(Packets.pubrec(publish.packetId()));
            client.expect(Packet.Pubrel.class);
            client.send(Packets.pubcomp(publish.packetId()));
        }
    }
}
