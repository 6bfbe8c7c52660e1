// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.config.PemFiles;
import io.sluice.config.Settings;
import io.sluice.gateway.Certificates;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsListenerTest {

    @TempDir
    static Path dir;

    private static Certificates certificates;

    private RunningGateway gateway;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new Certificates(dir);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.certificate("server", "ca");
        certificates.certificate("press-1", "ca");
        certificates.certificate("intruder", "stranger");
    }

    @BeforeEach
    void start() {
        Settings.Access access = new Settings.Access(
                "plant",
                Optional.empty(),
                false,
                List.of(new Settings.Allow(
                        Optional.of("*"), List.of("sensors/{user}/#"), List.of("sensors/{user}/#"))));
        gateway = RunningGateway.start(
                new FaultDisk(),
                RunningGateway.listening(
                        List.of(
                                listener("tls", Optional.empty(), Optional.empty(), Settings.Identity.USER_NAME),
                                listener(
                                        "named",
                                        Optional.of("plant"),
                                        Optional.of(certificates.file("ca.pem")),
                                        Settings.Identity.COMMON_NAME)),
                        List.of(access)));
    }

    private static Settings.Listener listener(
            String name, Optional<String> access, Optional<Path> clientCa, Settings.Identity identity) {
        return new Settings.Listener(
                name,
                "127.0.0.1",
                0,
                access,
                Optional.of(new Settings.ServerTls(
                        certificates.file("server.pem"), certificates.file("server.key"), clientCa, identity)),
                Optional.empty(),
                true,
                new Settings.ListenerLimits(OptionalInt.of(50), OptionalInt.empty(), Duration.ofSeconds(10), 1_000));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static SSLSocket socket(int port, Optional<String> certificate) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "ca", PemFiles.certificates(certificates.file("ca.pem")).getFirst());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context.init(certificate.isPresent() ? shown(certificate.get()) : null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) RawClient.PATIENCE.toMillis());
        return socket;
    }

    private static KeyManager[] shown(String certificate) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "own",
                PemFiles.privateKey(certificates.file(certificate + ".key")),
                new char[0],
                PemFiles.certificates(certificates.file(certificate + ".pem")).toArray(new Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        return keys.getKeyManagers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void client_overTls_publishesAndReceivesInOrder(String protocol) throws Exception {
        SSLSocket socket = socket(gateway.port("tls"), Optional.empty());
        socket.setEnabledProtocols(new String[] {protocol});
        try (RawClient client = RawClient.over(socket, ProtocolVersion.MQTT_5)) {
            client.connect("a", true, 0);
            client.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            String large = "x".repeat(100_000);
            for (int i = 1; i <= 20; i++) {
                client.publish("a", i + large, Qos.AT_MOST_ONCE, 0);
            }
            for (int i = 1; i <= 20; i++) {
                assertThat(client.expect(Packet.Publish.class)
                                .message()
                                .payload()
                                .text())
                        .isEqualTo(i + large);
            }
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
        }
    }

    @Test
    void client_told_seesTheEndOfTlsInGoodOrder() throws Exception {
        try (RawClient first = RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5);
                RawClient second =
                        RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5)) {
            first.connect("a", true, 0);
            second.connect("a", true, 0);
            first.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
        }
    }

    @Test
    void client_withCertificate_isWhoItSays() throws Exception {
        try (RawClient client =
                RawClient.over(socket(gateway.port("named"), Optional.of("press-1")), ProtocolVersion.MQTT_5)) {
            client.connect("a", true, 0);
            client.publish("sensors/press-2/a", "1", Qos.AT_LEAST_ONCE, 1);
            assertThat(client.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
            client.publish("sensors/press-1/a", "1", Qos.AT_LEAST_ONCE, 1);
            assertThat(client.expect(Packet.Puback.class).reason().isError()).isFalse();
        }
    }

    @Test
    void client_withoutTheRightCertificate_doesNotComeIn() throws Exception {
        for (Optional<String> certificate : List.of(Optional.<String>empty(), Optional.of("intruder"))) {
            Socket socket = socket(gateway.port("named"), certificate);
            assertThatThrownBy(() -> {
                        RawClient client = RawClient.over(socket, ProtocolVersion.MQTT_5);
                        client.connect("a", true, 0);
                    })
                    .isInstanceOf(IOException.class);
            socket.close();
        }
    }

    @Test
    void client_thatSpeaksNoTls_isTurnedAwayAndDisturbsNobody() throws Exception {
        try (RawClient good = RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5)) {
            good.connect("good", true, 0);
            for (int i = 0; i < 20; i++) {
                RawClient plain = RawClient.open(gateway.port("tls"), ProtocolVersion.MQTT_5);
                plain.sendHex("10 0d 0004 4d515454 05 02 0000 00 0000");
                while (hasMore(plain)) {
                    // An alert, perhaps.
                }
            }
            good.expectNothing();
        }
    }

    /** Whether there was more than the end; what comes is TLS, which is no MQTT. */
    private static boolean hasMore(RawClient client) throws IOException {
        try {
            client.expectClosed();
            return false;
        } catch (AssertionError notMqtt) {
            client.close();
            return false;
        }
    }

    @Test
    void client_thatRenegotiates_isDisconnected() throws Exception {
        SSLSocket socket = socket(gateway.port("tls"), Optional.empty());
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        RawClient client = RawClient.over(socket, ProtocolVersion.MQTT_5);
        client.connect("a", true, 0);
        assertThatThrownBy(() -> {
                    socket.startHandshake();
                    client.next();
                })
                .isInstanceOf(IOException.class);
        socket.close();
    }

    @Test
    void connections_thatNeverFinishTheirHandshake_leaveTheOthersUndisturbed() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (RawClient good = RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5)) {
            good.connect("good", true, 0);
            for (int i = 0; i < 2_000; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port("tls"));
                socket.getOutputStream().write(new byte[] {0x16, 0x03, 0x01, 0x02, 0x00, 0x01});
                silent.add(socket);
            }
            good.expectNothing();
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void connections_beyondTheListenersLimit_areToldSo() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RawClient client = RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5);
            client.connect("c" + i, true, 0);
            clients.add(client);
        }
        RawClient over = RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5);
        over.send(Packets.connect(ProtocolVersion.MQTT_5, "over"));
        assertThat(over.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SERVER_BUSY);
        over.close();
        clients.forEach(RawClient::close);
    }

    @Test
    void connections_beyondTheMemory_areClosedAndTheOthersServed() throws Exception {
        Settings plain = RunningGateway.listening(
                List.of(listener("tls", Optional.empty(), Optional.empty(), Settings.Identity.USER_NAME)), List.of());
        gateway.close();
        gateway = RunningGateway.start(
                new FaultDisk(),
                RunningGateway.limited(plain, Limits.memory(plain.limits(), new Settings.Memory(2 << 20, 16 << 20))));
        List<RawClient> clients = new ArrayList<>();
        // Each has 8 KiB for TLS and some 6 KiB for the rest, of 640 KiB of which a quarter is not for handshakes.
        boolean refused = false;
        while (!refused) {
            try {
                RawClient client =
                        RawClient.over(socket(gateway.port("tls"), Optional.empty()), ProtocolVersion.MQTT_5);
                client.connect("c" + clients.size(), true, 0);
                clients.add(client);
            } catch (IOException | UncheckedIOException | AssertionError closed) {
                refused = true;
            }
        }
        assertThat(clients).hasSizeBetween(20, 45);
        RawClient first = clients.getFirst();
        first.subscribe(1, "sensors/#", Qos.AT_LEAST_ONCE);
        clients.getLast().publish("sensors/7", "21.5", Qos.AT_LEAST_ONCE, 1);
        assertThat(first.expect(Packet.Publish.class).message().payload().text())
                .isEqualTo("21.5");
        clients.forEach(RawClient::close);
    }
}
