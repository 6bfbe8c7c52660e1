// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that do what they must not, or far too much of what they may: the others go on. */
@Tag("wire")
final class HostileClientsTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @Test
    void subscriber_thatDoesNotRead_losesQos0AndHoldsUpNobody() throws IOException {
        String payload = "x".repeat(10_000);
        try (RawClient deaf = gateway.connected("deaf");
                RawClient reader = gateway.connected("reader");
                RawClient publisher = gateway.connected("publisher")) {
            deaf.subscribe(1, "a", Qos.AT_MOST_ONCE);
            reader.subscribe(1, "a", Qos.AT_MOST_ONCE);
            for (int i = 0; i < 4_000; i++) {
                publisher.publish("a", payload, Qos.AT_MOST_ONCE, 0);
                reader.expect(Packet.Publish.class);
            }
            deaf.send(new Packet.Pingreq());
            int got = 0;
            while (deaf.next() instanceof Packet.Publish) {
                got++;
            }
            assertThat(got).isLessThan(4_000);
            deaf.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    void subscriber_thatDoesNotAcknowledge_isDisconnectedWhenItsOutboxIsFull(ProtocolVersion version)
            throws IOException {
        gateway.restart(limits -> Limits.outbox(limits, 100, 1 << 20));
        try (RawClient deaf = gateway.connected("deaf", version);
                RawClient durable = gateway.durable("durable", version, false);
                RawClient publisher = gateway.connected("publisher")) {
            deaf.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            durable.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            for (int i = 1; i <= 300; i++) {
                publisher.publish("a", "" + i, Qos.AT_LEAST_ONCE, i);
            }
            for (int i = 1; i <= 300; i++) {
                publisher.expect(Packet.Puback.class);
            }
            for (int i = 1; i <= 100; i++) {
                deaf.expect(Packet.Publish.class);
            }
            if (version == ProtocolVersion.MQTT_5) {
                deaf.expectDisconnect(ReasonCode.QUOTA_EXCEEDED);
            } else {
                deaf.expectClosed();
            }
            for (int i = 1; i <= 300; i++) {
                Packet.Publish publish = durable.expect(Packet.Publish.class);
                assertThat(publish.message().payload().text()).isEqualTo("" + i);
                durable.puback(publish.packetId());
            }
        }
    }

    @Test
    void subscriber_thatNeitherReadsNorAcknowledges_isDisconnectedAndHoldsUpNobody() throws IOException {
        String payload = "x".repeat(10_000);
        try (RawClient deaf = gateway.connected("deaf");
                RawClient reader = gateway.connected("reader");
                RawClient publisher = gateway.connected("publisher")) {
            deaf.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            reader.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            for (int i = 0; i < 1_000; i++) {
                publisher.publish("a", payload, Qos.AT_LEAST_ONCE, 1);
                publisher.expect(Packet.Puback.class);
                reader.puback(reader.expect(Packet.Publish.class).packetId());
            }
            // Far beyond what its outbox may hold; its identifier is free again.
            try (RawClient again = gateway.open(ProtocolVersion.MQTT_5)) {
                assertThat(again.connect("deaf", false, 0).sessionPresent()).isFalse();
            }
        }
    }

    @Test
    void strangers_byTheThousand_areClosedAndKeepNobodyOut() throws IOException {
        gateway.restart(limits -> Limits.connections(limits, 3));
        List<RawClient> strangers = new ArrayList<>();
        try (RawClient before = gateway.connected("before")) {
            for (int i = 0; i < 1_100; i++) {
                RawClient stranger = gateway.open(ProtocolVersion.MQTT_5);
                strangers.add(stranger);
                if (i % 2 == 0) {
                    stranger.sendHex("10 ff ff 03 00 04"); // the beginning of a CONNECT
                }
            }
            gateway.connected("after").close();
            before.expectNothing();
            strangers.get(0).expectClosed(); // by number
            for (RawClient stranger : strangers.subList(1, strangers.size())) {
                stranger.expectClosed(); // by time
            }
            before.expectNothing();
        } finally {
            strangers.forEach(RawClient::close);
        }
    }

    @Test
    void packets_neverEnded_doNotFillTheMemory() throws IOException {
        gateway.restart(limits -> Limits.memory(limits, new Settings.Memory(64 << 20, 2 << 20)));
        List<RawClient> clients = new ArrayList<>();
        try (RawClient other = gateway.connected("other")) {
            for (int i = 0; i < 8; i++) {
                RawClient client = gateway.connected("client " + i);
                clients.add(client);
                client.sendHex("30 80 80 20"); // half a MiB follows
                client.sendBytes(new byte[400_000]);
            }
            int ended = 0;
            for (RawClient client : clients) {
                client.patience(Duration.ofSeconds(1));
                try {
                    client.expectDisconnect(ReasonCode.QUOTA_EXCEEDED);
                    ended++;
                } catch (AssertionError stillWithin) {
                    assertThat(stillWithin).hasMessageContaining("nothing came in time");
                }
            }
            assertThat(ended).isBetween(4, 7); // what is left of them fits in 2 MiB
            other.expectNothing();
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-4.2-1")
    void client_thatSendsOneByteAtATime_isUnderstood(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.open(version)) {
            String connect = version == ProtocolVersion.MQTT_5
                    ? "100e 00044d515454 05 02 0000 00 000161"
                    : "100d 00044d515454 04 02 0000 000161";
            String subscribe = version == ProtocolVersion.MQTT_5 ? "8207 0001 00 0001 61 01" : "8206 0001 0001 61 01";
            String publish = version == ProtocolVersion.MQTT_5 ? "3207 0001 61 0005 00 78" : "3206 0001 61 0005 78";
            String all = (connect + subscribe + publish + "c000").replace(" ", "");
            for (int i = 0; i < all.length(); i += 2) {
                client.sendHex(all.substring(i, i + 2));
            }
            client.expect(Packet.Connack.class);
            client.expect(Packet.Suback.class);
            List<Packet> last = List.of(client.next(), client.next(), client.next());
            assertThat(last).hasAtLeastOneElementOfType(Packet.Publish.class);
            assertThat(last).hasAtLeastOneElementOfType(Packet.Puback.class);
            assertThat(last).hasAtLeastOneElementOfType(Packet.Pingresp.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-4.7.3-3")
    void topics_asLongAndDeepAsTheyMayBe_areMatched(ProtocolVersion version) throws IOException {
        String deep = "a/".repeat(9_999) + "a";
        String longest = "x".repeat(65_535);
        String slashes = "/".repeat(20_000);
        try (RawClient client = gateway.durable("client", version, false)) {
            client.subscribe(1, deep, Qos.AT_MOST_ONCE);
            client.subscribe(2, longest, Qos.AT_MOST_ONCE);
            client.publish(deep, "deep", Qos.AT_MOST_ONCE, 0);
            client.publish(longest, "longest", Qos.AT_MOST_ONCE, 0);
            client.publish(slashes, "unheard", Qos.AT_MOST_ONCE, 0);
            assertThat(client.expect(Packet.Publish.class).message().topic().value())
                    .isEqualTo(deep);
            assertThat(client.expect(Packet.Publish.class).message().topic().value())
                    .isEqualTo(longest);
            client.expectNothing();
            client.disconnect();
        }
        gateway.restart();
        try (RawClient client = gateway.durable("client", version, true)) {
            client.send(Packets.unsubscribe(3, deep));
            client.expect(Packet.Unsuback.class);
            client.publish(deep, "deep", Qos.AT_MOST_ONCE, 0);
            client.publish(longest, "longest", Qos.AT_MOST_ONCE, 0);
            assertThat(client.expect(Packet.Publish.class).message().payload().text())
                    .isEqualTo("longest");
        }
    }

    @Test
    void subscriptions_tooLongTogether_areRefused() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                client.sendSubscribe(1, i + "/x".repeat(10_000), Qos.AT_MOST_ONCE);
                if (client.expect(Packet.Suback.class).reasons().getFirst() == ReasonCode.QUOTA_EXCEEDED) {
                    refused++;
                }
            }
            assertThat(refused).isPositive();
            client.subscribe(2, "a", Qos.AT_MOST_ONCE);
        }
    }

    @Test
    void retained_flood_isRefusedBeyondItsLimit() throws IOException {
        gateway.restart(limits -> Limits.retained(limits, 1_000, 100_000));
        try (RawClient client = gateway.connected("client")) {
            for (int i = 0; i < 2_000; i++) {
                client.send(Packets.publish(Packets.retained("a/" + i, "x", Qos.AT_LEAST_ONCE), 1 + i % 500));
                ReasonCode reason = client.expect(Packet.Puback.class).reason();
                if (i < 400) {
                    assertThat(reason.isError()).isFalse();
                }
                if (i > 1_000) {
                    assertThat(reason).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
                }
            }
            client.send(Packets.publish(Packets.retained("a/1", "", Qos.AT_LEAST_ONCE), 1));
            assertThat(client.expect(Packet.Puback.class).reason().isError()).isFalse();
            client.send(Packets.publish(Packets.retained("a/new", "x", Qos.AT_LEAST_ONCE), 1));
            assertThat(client.expect(Packet.Puback.class).reason().isError()).isFalse();
        }
    }

    @Test
    void subscribing_toEverythingAgainAndAgain_isOwedEachRetainedMessageOnce() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5);
                RawClient publisher = gateway.connected("publisher")) {
            for (int i = 0; i < 200; i++) {
                publisher.send(Packets.publish(Packets.retained("a/" + i, "x", Qos.AT_LEAST_ONCE), 1));
                publisher.expect(Packet.Puback.class);
            }
            client.connect("client", true, Packets.receiveMaximum(0, 1));
            for (int i = 0; i < 500; i++) {
                client.sendSubscribe(1 + i, "#", Qos.AT_LEAST_ONCE);
            }
            Set<String> topics = new HashSet<>();
            int published = 0;
            int answers = 0;
            while (answers < 500 || topics.size() < 200) {
                switch (client.next()) {
                    case Packet.Publish publish -> {
                        topics.add(publish.message().topic().value());
                        published++;
                        client.puback(publish.packetId());
                    }
                    case Packet.Suback suback -> answers++;
                    case Packet other -> throw new AssertionError(other);
                }
            }
            assertThat(published).isLessThan(20_000); // and not 500 times 200
        }
    }

    @Test
    void qos2_neverReleased_isBoundedByTheReceiveMaximumAndKnownAgainAfterwards() throws IOException {
        gateway.restart(limits -> Limits.receiveMaximum(limits, 20));
        try (RawClient other = gateway.connected("other")) {
            other.subscribe(1, "a", Qos.EXACTLY_ONCE);
            try (RawClient hoarding = gateway.durable("hoarding", ProtocolVersion.MQTT_5, false)) {
                for (int id = 1; id <= 20; id++) {
                    hoarding.publish("a", "" + id, Qos.EXACTLY_ONCE, id);
                    hoarding.expect(Packet.Pubrec.class);
                    other.expect(Packet.Publish.class);
                }
                hoarding.publish("a", "one more", Qos.EXACTLY_ONCE, 21);
                hoarding.expectDisconnect(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
            }
            try (RawClient again = gateway.durable("hoarding", ProtocolVersion.MQTT_5, true)) {
                for (int id = 1; id <= 20; id++) {
                    again.send(Packets.repeated(Packets.message("a", "" + id, Qos.EXACTLY_ONCE), id));
                    again.expect(Packet.Pubrec.class);
                }
            }
            other.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-3.1.2-22")
    void halfOpen_connection_endsAfterItsKeepAliveAndItsWillIsPublished(ProtocolVersion version) throws IOException {
        try (RawClient watching = gateway.connected("watching");
                RawClient halfOpen = gateway.open(version)) {
            watching.subscribe(1, "wills", Qos.AT_MOST_ONCE);
            halfOpen.send(Packets.withKeepAlive(
                    Packets.withWill(
                            Packets.connect(version, "half open"),
                            Packets.message("wills", "gone", Qos.AT_MOST_ONCE),
                            0),
                    1));
            halfOpen.expect(Packet.Connack.class);
            halfOpen.sendHex("30"); // a packet that never goes on does not count
            assertThat(watching.expect(Packet.Publish.class).message().payload().text())
                    .isEqualTo("gone");
        }
    }
}
