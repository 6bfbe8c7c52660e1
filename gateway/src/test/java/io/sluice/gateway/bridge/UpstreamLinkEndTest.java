// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.net.UpstreamLink;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How connections end, and what is left of them. */
class UpstreamLinkEndTest extends LinkHarness {

    @Test
    void closed_inMidPublish_answersOnlyWhatWasAcknowledged() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            for (int i = 0; i < 10; i++) {
                publish(i, "a", "m" + i, Qos.AT_LEAST_ONCE);
            }
            for (int i = 0; i < 3; i++) {
                server.send(FakeServer.puback(FakeServer.packetId(server.packet(3))));
            }
            await("three answers", () -> heard.published.size() == 3);
            server.drop();
            heard.awaitClosed(1);
            assertThat(heard.published.keySet()).containsExactlyInAnyOrder(0L, 1L, 2L);
            assertThat(heard.ends).containsExactly(End.PEER);
        }
    }

    @Test
    void closed_byDisconnect_tellsTheReason() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send("E0 09 97 07 1F 00 04 66 75 6C 6C");
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst())
                    .contains("QUOTA_EXCEEDED (0x97)")
                    .contains("full");
            assertThat(heard.ends).containsExactly(End.PEER);
        }
    }

    @Test
    void connect_refused_tellsTheReason() {
        try (FakeServer server = new FakeServer()) {
            connect(server.port());
            server.accept("20 0A 00 87 07 1F 00 04 6E 6F 70 65");
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst())
                    .contains("NOT_AUTHORIZED (0x87)")
                    .contains("nope");
            assertThat(heard.ends).containsExactly(End.OTHER);
        }
    }

    /** It would begin anew what is under way. */
    @Test
    void connected_connackComesAgain_endsTheConnection() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send(FakeServer.CONNACK);
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).contains("not understood");
            assertThat(heard.ends).containsExactly(End.PEER);
            assertThat(server.packet(14)).startsWith(0xE0, 0x82);
        }
    }

    @Test
    void connect_peerThatSaysNothing_isGivenUpAfterTheTimeLimit() {
        try (FakeServer server = new FakeServer()) {
            connect(server.port());
            server.packet(1);
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).contains("no connection within 5 s");
        }
    }

    @Test
    void packetThatIsNone_isAnsweredWithTheReasonAndEndsTheConnection() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send("F1 00");
            assertThat(server.packet(14)).containsExactly(0xE0, 0x81);
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).contains("not understood");
            assertThat(heard.ends).containsExactly(End.PEER);
        }
    }

    @Test
    void connack_afterAnotherConnack_endsTheConnection() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            server.send(FakeServer.CONNACK);
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).contains("a second CONNACK");
            assertThat(heard.ends).containsExactly(End.PEER);
        }
    }

    @Test
    void connect_hostThatIsNone_isToldAndTriedNoFurther() {
        connects++;
        live.run(() -> upstream.connect(URI.create("mqtt://no-such-host.invalid:1883")));
        heard.awaitClosed(1);
        assertThat(heard.closed.getFirst()).contains("UnknownHostException");
        assertThat(heard.ends).containsExactly(End.OTHER);
    }

    @Test
    void connect_closedBeforeConnack_accusesNobody() {
        try (FakeServer server = new FakeServer()) {
            connect(server.port());
            server.accept("");
            server.drop();
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).contains("connection closed by upstream");
            assertThat(heard.ends).containsExactly(End.OTHER);
        }
    }

    @Test
    void keepAlive_unanswered_endsTheConnectionWithoutAccusingAnybody() {
        Settings.Upstream restless = new Settings.Upstream(
                settings.addresses(),
                settings.clientId(),
                settings.userName(),
                settings.password(),
                settings.tls(),
                Duration.ofSeconds(1),
                settings.sessionExpiry(),
                settings.connectTimeout(),
                settings.reconnectFirst(),
                settings.reconnectLast(),
                settings.window());
        try (FakeServer server = new FakeServer()) {
            UpstreamLink link = link(restless, heard);
            live.run(() -> link.connect(server.uri()));
            server.accept(FakeServer.CONNACK);
            server.packet(12);
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).contains("no answer to keep alive");
            assertThat(heard.ends).containsExactly(End.OTHER);
        }
    }

    @Test
    void disconnect_inGoodOrder_tellsUpstreamAndThenTheBridge() {
        try (FakeServer server = new FakeServer()) {
            connect(server, FakeServer.CONNACK);
            live.run(upstream::disconnect);
            assertThat(server.packet(14)[0] & 0xFF).isEqualTo(0xE0);
            heard.awaitClosed(1);
            assertThat(heard.ends).containsExactly(End.OTHER);
        }
    }

    @Test
    void disconnect_fromAFrozenUpstream_endsWithinSeconds() {
        try (Mosquitto mosquitto = Mosquitto.start("max_inflight_messages 0")) {
            connect(mosquitto.port());
            heard.awaitConnected(1);
            mosquitto.freeze();
            Message large = Samples.message("local/x", "x".repeat(60_000));
            for (int i = 0; i < 100; i++) { // More than the sockets hold.
                long token = i;
                live.run(() ->
                        upstream.publish(token, new TopicName("a"), Qos.AT_LEAST_ONCE, false, Message.NEVER, large));
            }
            live.run(upstream::disconnect);
            heard.awaitClosed(1);
            UpstreamThreads.awaitNone();
            mosquitto.thaw();
        }
    }

    @Test
    void connections_twoHundredOfThem_leaveNoThread() {
        List<Thread> users = IntStream.range(0, 8)
                .mapToObj(user -> Thread.ofPlatform().start(this::connectTwentyFiveTimes))
                .toList();
        await("all done", () -> users.stream().noneMatch(Thread::isAlive));
        assertThat(endings).hasValue(200);
        UpstreamThreads.awaitNone();
    }

    private void connectTwentyFiveTimes() {
        Recorder told = new Recorder();
        UpstreamLink link = link(settings, told);
        try (FakeServer server = new FakeServer();
                FakeServer mute = new FakeServer()) {
            for (int i = 1; i <= 25; i++) {
                FakeServer target = i % 4 == 3 ? mute : server;
                live.run(() -> link.connect(target.uri()));
                switch (i % 4) {
                    case 0 -> server.accept("20 03 00 88 00"); // Refused.
                    case 1 -> {
                        server.accept(FakeServer.CONNACK);
                        server.drop();
                    }
                    case 2 -> {
                        server.accept(FakeServer.CONNACK);
                        told.awaitConnected(told.connected.size());
                        live.run(link::disconnect);
                    }
                    default -> live.run(link::disconnect); // In the middle of connecting.
                }
                told.awaitClosed(i);
                endings.incrementAndGet();
            }
        }
    }
}
