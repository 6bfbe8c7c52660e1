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
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CONNECT, CONNACK and the end of a connection, against the running gateway. */
@Tag("wire")
final class ConnectTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.4-5", "MQTT-3.2.0-1", "MQTT-3.2.0-2", "MQTT-3.2.2-1", "MQTT-4.2-1"})
    void connect_accepted_isAnsweredWithOneConnackBeforeAnythingElse(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.open(version)) {
            client.send(Packets.connect(version, "client"));
            client.send(new Packet.Pingreq());

            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
            client.expect(Packet.Pingresp.class);
            client.expectNothing();
        }
    }

    @Test
    @Statement({
        "MQTT-3.2.2-9",
        "MQTT-3.2.2-10",
        "MQTT-3.2.2-12",
        "MQTT-3.2.2-13",
        "MQTT-3.1.2-28",
        "MQTT-3.2.2-22",
        "MQTT-3.2.2-19",
        "MQTT-4.12.0-6"
    })
    void connack_saysWhatThereIs() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            Packet.ConnackProperties granted = client.connect("client", true, 0).properties();

            assertThat(granted.maximumQos()).isEqualTo(Qos.EXACTLY_ONCE);
            assertThat(granted.retainAvailable()).isTrue();
            assertThat(granted.wildcardSubscriptionAvailable()).isTrue();
            assertThat(granted.subscriptionIdentifiersAvailable()).isTrue();
            assertThat(granted.sharedSubscriptionAvailable()).isTrue();
            assertThat(granted.topicAliasMaximum()).isEqualTo(16);
            assertThat(granted.receiveMaximum()).isEqualTo(RunningGateway.LIMITS.receiveMaximum());
            assertThat(granted.maximumPacketSize()).hasValue(RunningGateway.LIMITS.packetBytes());
            assertThat(granted.serverKeepAliveSeconds()).isEmpty();
            assertThat(granted.responseInformation()).isEmpty();
            assertThat(granted.authenticationMethod()).isEmpty();
            assertThat(granted.assignedClientId()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-3.1.0-1")
    void firstPacket_notConnect_endsTheConnection(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.open(version)) {
            client.send(new Packet.Pingreq());

            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.0-2", "MQTT-4.13.1-1", "MQTT-3.2.0-2"})
    void connect_second_endsTheConnection(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.send(Packets.connect(version, "client"));

            expectBroken(client, version, ReasonCode.PROTOCOL_ERROR);
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-3.2.2-8", "MQTT-3.14.0-1"})
    void connect_ofAnUnknownVersion_isRefusedWithoutDisconnect() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.sendHex("100e 0004 4d515454 06 02 0000 00 0001 61");

            Packet.Connack connack = client.expect(Packet.Connack.class);
            assertThat(connack.reason()).isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
            assertThat(connack.sessionPresent()).isFalse();
            client.expectClosed();
        }
    }

    @Test
    @Statement("MQTT-3.1.2-2")
    void connect_ofVersion31_isRefusedInItsOwnWords() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_3_1_1)) {
            client.sendHex("100f 0006 4d5149736470 03 02 0000 0001 61");

            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
            client.expectClosed();
        }
    }

    @Test
    @Statement({"MQTT-3.1.4-1", "MQTT-3.1.4-6"})
    void connect_malformed_isRefusedAndWhatFollowsIsNotProcessed() throws IOException {
        try (RawClient watcher = gateway.connected("watcher");
                RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            watcher.subscribe(1, "#", Qos.AT_MOST_ONCE);

            client.sendHex("100e 0004 4d515454 05 03 0000 00 0001 61" + "3004 0001 61 00");

            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.MALFORMED_PACKET);
            client.expectClosed();
            watcher.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-4.12.0-1", "MQTT-4.12.0-4", "MQTT-4.13.2-1"})
    void connect_withAnAuthenticationMethod_isRefused() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(Packets.connect(
                    ProtocolVersion.MQTT_5, "client", true, Packets.authenticationMethod("SCRAM-SHA-256")));

            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
            client.expectClosed();
        }
    }

    @Test
    @Statement({"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16"})
    void clientId_empty_isAssignedAndBelongsToTheClient() throws IOException {
        String assigned;
        try (RawClient one = gateway.open(ProtocolVersion.MQTT_5);
                RawClient other = gateway.open(ProtocolVersion.MQTT_5)) {
            assigned = one.connect("", true, 60).properties().assignedClientId().orElseThrow();
            assertThat(assigned).isNotEmpty();
            assertThat(other.connect("", true, 60).properties().assignedClientId())
                    .isPresent()
                    .isNotEqualTo(Optional.of(assigned));
            one.disconnect();
        }
        try (RawClient again = gateway.open(ProtocolVersion.MQTT_5)) {
            assertThat(again.connect(assigned, false, 60).sessionPresent()).isTrue();
        }
    }

    @Test
    @Statement("MQTT-3.1.3-8")
    void clientId_emptyWithoutCleanSessionIn311_isRefused() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_3_1_1)) {
            client.send(Packets.connect(ProtocolVersion.MQTT_3_1_1, "", false, ConnectProperties.defaults()));

            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.3-5", "MQTT-3.1.3-2"})
    void clientId_ofOneTo23PlainCharactersAndOfManyMore_isTaken(ProtocolVersion version) throws IOException {
        for (String clientId : new String[] {"0", "abcdefghijklmnopqrstuvw", "XYZ0123456789", "é/#+ ".repeat(1_000)}) {
            gateway.connected(clientId, version).close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.4-3", "MQTT-3.1.3-2"})
    void clientId_connectedAlready_endsTheOlderConnection(ProtocolVersion version) throws IOException {
        try (RawClient older = gateway.connected("client", version);
                RawClient newer = gateway.connected("client", version)) {
            expectBroken(older, version, ReasonCode.SESSION_TAKEN_OVER);
            newer.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.2-22", "MQTT-3.2.2-22"})
    void keepAlive_passedOneAndAHalfTimes_endsTheConnection(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.open(version);
                RawClient other = gateway.connected("other")) {
            client.send(Packets.withKeepAlive(Packets.connect(version, "client"), 1));
            client.expect(Packet.Connack.class);

            expectBroken(client, version, ReasonCode.KEEP_ALIVE_TIMEOUT);
            other.expectNothing();
        }
    }

    @Test
    @Statement("MQTT-3.2.2-22")
    void keepAlive_aboveTheLimit_isLoweredAndSaid() throws IOException {
        gateway.restart(limits -> Limits.keepAlive(limits, Duration.ofSeconds(1)));
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            Packet.Connack connack = client.connect("client", true, 0);

            assertThat(connack.properties().serverKeepAliveSeconds()).hasValue(1);
            client.expectDisconnect(ReasonCode.KEEP_ALIVE_TIMEOUT);
        }
    }

    @Test
    void connections_beyondTheLimit_areRefusedAndTakenAgainWhenThereIsRoom() throws IOException {
        gateway.restart(limits -> Limits.connections(limits, 2));
        try (RawClient one = gateway.connected("one");
                RawClient two = gateway.connected("two");
                RawClient three = gateway.open(ProtocolVersion.MQTT_5)) {
            three.send(Packets.connect(ProtocolVersion.MQTT_5, "three"));
            assertThat(three.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SERVER_BUSY);
            three.expectClosed();
            one.send(Packets.disconnect(ReasonCode.SUCCESS));
            one.expectClosed();

            gateway.connected("three").close();
            two.expectNothing();
        }
    }

    @Test
    void sessions_beyondTheLimit_areRefused() throws IOException {
        gateway.restart(limits -> Limits.sessions(limits, 1));
        gateway.durable("one", ProtocolVersion.MQTT_5, false).disconnect();
        try (RawClient two = gateway.open(ProtocolVersion.MQTT_5)) {
            two.send(Packets.connect(ProtocolVersion.MQTT_5, "two"));
            assertThat(two.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            two.expectClosed();
        }
        gateway.durable("one", ProtocolVersion.MQTT_5, true).disconnect();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.14.4-2", "MQTT-3.14.4-1", "MQTT-3.14.2-2"})
    void shutdown_tellsEachClientWhy(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            gateway.restart();

            if (version == ProtocolVersion.MQTT_5) {
                Packet.Disconnect disconnect = client.expect(Packet.Disconnect.class);
                assertThat(disconnect.reason()).isEqualTo(ReasonCode.SERVER_SHUTTING_DOWN);
                assertThat(disconnect.sessionExpirySeconds()).isEqualTo(OptionalLong.empty());
            }
            client.expectClosed();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.12.4-1", "MQTT-3.14.4-2"})
    void pingreq_isAnsweredAndDisconnectEndsTheConnection(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.expectNothing();
            client.send(Packets.disconnect(ReasonCode.SUCCESS));
            client.expectClosed();
        }
    }

    @Test
    @Statement({"MQTT-3.14.2-1", "MQTT-3.1.2-23"})
    void disconnect_withAnExpiryThatConnectDidNotHave_isAProtocolError() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.send(Packets.disconnect(60));

            client.expectDisconnect(ReasonCode.PROTOCOL_ERROR);
        }
    }

    private static void expectBroken(RawClient client, ProtocolVersion version, ReasonCode reason) throws IOException {
        if (version == ProtocolVersion.MQTT_5) {
            client.expectDisconnect(reason);
        } else {
            client.expectClosed(); // 3.1.1 has no DISCONNECT from the server
        }
    }
}
