// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.codec.PacketCase;
import io.sluice.gateway.codec.PacketCases;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packet cases over a socket to the running gateway: what is accepted leaves the connection as it is, what is refused ends that
 * one connection with the right reason, and others go on.
 */
@Tag("wire")
final class PacketCasesOnTheWireTest {

    private static RunningGateway gateway;
    private static RawClient other;

    static List<PacketCase> refused() {
        return PacketCases.all().stream()
                .filter(each -> each.fromClient() && each.refusal().isPresent())
                .filter(each -> each.packetBytesMax() == 1_000_000 && each.topicAliasMaximum() == 0)
                .filter(each -> each.refusal().get() != ReasonCode.UNSUPPORTED_PROTOCOL_VERSION) // see ConnectTest
                .filter(each -> !each.preamble().toString().startsWith("25 bytes")) // needs enhanced authentication
                .toList();
    }

    static List<PacketCase> accepted() {
        return PacketCases.all().stream()
                .filter(each -> each.fromClient() && each.refusal().isEmpty())
                .filter(each -> each.packetBytesMax() == 1_000_000 && each.topicAliasMaximum() == 0)
                .filter(each -> !each.preamble().toString().startsWith("25 bytes")) // needs enhanced authentication
                .toList();
    }

    @BeforeAll
    static void start() throws IOException {
        gateway = RunningGateway.start();
        gateway.restartWith(PacketCasesOnTheWireTest::withoutTopicAliases);
        other = gateway.connected("other");
        other.subscribe(1, "other", Qos.AT_MOST_ONCE);
    }

    private static Settings.Mqtt withoutTopicAliases(Settings.Mqtt mqtt) {
        return new Settings.Mqtt(
                mqtt.maximumQos(),
                mqtt.retain(),
                mqtt.wildcardSubscriptions(),
                mqtt.subscriptionIdentifiers(),
                mqtt.sharedSubscriptions(),
                0,
                mqtt.checkPayloadFormat(),
                mqtt.sysInterval(),
                mqtt.responseInformation(),
                mqtt.redirect());
    }

    @AfterAll
    static void close() {
        other.close();
        gateway.close();
    }

    @ParameterizedTest
    @MethodSource("refused")
    @Statement({
        "MQTT-4.13.1-1",
        "MQTT-3.1.4-1",
        "MQTT-3.14.0-1",
        "MQTT-3.2.2-7",
        "MQTT-3.14.4-1",
        "MQTT-3.14.4-2",
        "MQTT-4.13.2-1"
    })
    void brokenPacket_endsOneConnectionWithItsReasonAndOthersGoOn(PacketCase each) throws IOException {
        ReasonCode reason = each.refusal().orElseThrow();
        try (RawClient client = gateway.open(each.version())) {
            client.sendBytes(each.preamble().toBytes());
            client.sendBytes(each.bytes().toBytes());

            List<Packet> answers = untilClosed(client);

            if (each.preamble().isEmpty()) {
                assertThat(answers).isEqualTo(answers.isEmpty() ? List.of() : List.of(answers.getLast()));
                answers.forEach(
                        answer -> assertThat(((Packet.Connack) answer).reason()).isEqualTo(reason));
            } else if (each.version() == ProtocolVersion.MQTT_5) {
                assertThat(answers.getLast()).isInstanceOf(Packet.Disconnect.class);
                assertThat(((Packet.Disconnect) answers.getLast()).reason()).isEqualTo(reason);
            } else {
                assertThat(answers).noneMatch(answer -> answer instanceof Packet.Disconnect);
            }
        }
        other.publish("other", each.name(), Qos.AT_MOST_ONCE, 0);
        assertThat(other.expect(Packet.Publish.class).message().payload().text())
                .isEqualTo(each.name());
    }

    @ParameterizedTest
    @MethodSource("accepted")
    @Statement("MQTT-3.1.4-5")
    void goodPacket_isTakenAndTheConnectionGoesOn(PacketCase each) throws IOException {
        try (RawClient client = gateway.open(each.version())) {
            client.sendBytes(each.preamble().toBytes());
            client.sendBytes(each.bytes().toBytes());
            if (each.packets().getLast().startsWith("DISCONNECT")) {
                assertThat(untilClosed(client)).noneMatch(answer -> answer instanceof Packet.Disconnect);
            } else if (isRefusedForWhatItMeans(each)) {
                Packet.Connack connack = (Packet.Connack) untilClosed(client).getLast();
                assertThat(connack.reason().isError()).isTrue();
            } else {
                client.send(new Packet.Pingreq());
                List<Packet> answers = new ArrayList<>();
                while (answers.isEmpty() || !(answers.getLast() instanceof Packet.Pingresp)) {
                    answers.add(client.next());
                }
                assertThat(((Packet.Connack) answers.getFirst()).reason()).isEqualTo(ReasonCode.SUCCESS);
            }
        }
        other.publish("other", each.name(), Qos.AT_MOST_ONCE, 0);
        assertThat(other.expect(Packet.Publish.class).message().payload().text())
                .isEqualTo(each.name());
    }

    /** A well-formed CONNECT that asks for what is not there: an authentication method, or a session without a name. */
    private static boolean isRefusedForWhatItMeans(PacketCase each) {
        String connect = each.packets().getFirst();
        return connect.startsWith("CONNECT ")
                && (connect.contains(" method=") || each.name().endsWith("isLeftToTheSession"));
    }

    private static List<Packet> untilClosed(RawClient client) throws IOException {
        List<Packet> packets = new ArrayList<>();
        try {
            while (true) {
                packets.add(client.next());
            }
        } catch (EOFException | SocketException ended) {
            return packets;
        }
    }
}
