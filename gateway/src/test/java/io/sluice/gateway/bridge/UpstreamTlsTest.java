// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.config.PemTls;
import io.sluice.config.Settings;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.net.UpstreamLink;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mqtts} against a Mosquitto with certificates that are made for the occasion. */
class UpstreamTlsTest {

    @TempDir
    static Path dir;

    private final LiveLoop live = new LiveLoop();
    private final Recorder heard = new Recorder();

    @BeforeAll
    static void makeCertificates() throws Exception {
        authority("ca");
        authority("stranger");
        certificate("server", "subjectAltName=DNS:localhost");
        certificate("elsewhere", "subjectAltName=DNS:elsewhere.example");
        certificate("client", "extendedKeyUsage=clientAuth");
        openssl("genrsa -traditional -out pkcs1.key 2048");
        Files.writeString(dir.resolve("empty.pem"), "nothing\n");
    }

    private static void authority(String name) throws Exception {
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name + " -keyout " + name + ".key -out " + name
                + ".pem");
    }

    private static void certificate(String name, String extension) throws Exception {
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name
                + ".key -out " + name + ".csr");
        Files.writeString(dir.resolve(name + ".ext"), extension + "\n");
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile " + name
                + ".ext -out " + name + ".pem");
    }

    private static void openssl(String arguments) throws Exception {
        List<String> command = Stream.concat(Stream.of("openssl"), Stream.of(arguments.split(" ")))
                .toList();
        Process process = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("openssl.log").toFile())
                .start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertThat(process.exitValue())
                .as(Files.readString(dir.resolve("openssl.log")))
                .isZero();
    }

    @AfterEach
    void leaveNothing() {
        UpstreamThreads.awaitNone();
        live.close();
    }

    private static Mosquitto mosquitto(String certificate) {
        return Mosquitto.startWith(
                "listener PORT 127.0.0.1",
                "allow_anonymous true",
                "cafile " + dir.resolve("ca.pem"),
                "certfile " + dir.resolve(certificate + ".pem"),
                "keyfile " + dir.resolve(certificate + ".key"),
                "require_certificate true");
    }

    private static Settings.Tls tls(String authorities, String key) {
        return new Settings.Tls(
                Optional.of(dir.resolve(authorities)),
                Optional.of(dir.resolve("client.pem")),
                Optional.of(dir.resolve(key)));
    }

    private static SSLContext context(Settings.Tls tls) throws IOException {
        return PemTls.context(tls.authorities(), tls.certificate(), tls.key());
    }

    private UpstreamLink connect(int port, Settings.Tls tls) {
        Settings.Upstream plain = Samples.upstream(10, "mqtts://localhost:" + port);
        Settings.Upstream settings = new Settings.Upstream(
                plain.addresses(),
                plain.clientId(),
                plain.userName(),
                plain.password(),
                Optional.of(tls),
                plain.keepAlive(),
                plain.sessionExpiry(),
                plain.connectTimeout(),
                plain.reconnectFirst(),
                plain.reconnectLast(),
                plain.window());
        return live.on(() -> {
            UpstreamLink upstream = new UpstreamLink(live.place(), settings, 64 * 1024, live.loop(), heard, () -> 0);
            upstream.connect(URI.create("mqtts://localhost:" + port));
            return upstream;
        });
    }

    @Test
    void connect_trustedServerAndClientCertificate_publishes() {
        try (Mosquitto mosquitto = mosquitto("server")) {
            UpstreamLink upstream = connect(mosquitto.port(), tls("ca.pem", "client.key"));
            heard.awaitConnected(1);
            live.run(() -> upstream.publish(
                    1,
                    new TopicName("a"),
                    Qos.AT_LEAST_ONCE,
                    false,
                    Message.NEVER,
                    Samples.message("a", "x".repeat(50_000))));
            LiveLoop.awaitAnywhere("answered", Duration.ofSeconds(10), () -> heard.published.containsKey(1L));
            assertThat(heard.published.get(1L).isError()).isFalse();
            assertThat(heard.published.get(1L)).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            live.run(upstream::disconnect);
            heard.awaitClosed(1);
        }
    }

    @Test
    void connect_serverOfAnotherName_isRefusedByUs() {
        try (Mosquitto mosquitto = mosquitto("elsewhere")) {
            connect(mosquitto.port(), tls("ca.pem", "client.key"));
            heard.awaitClosed(1);
            assertThat(heard.connected).isEmpty();
            assertThat(heard.closed.getFirst()).contains("localhost");
        }
    }

    @Test
    void connect_serverOfAnUnknownAuthority_isRefusedByUs() {
        try (Mosquitto mosquitto = mosquitto("server")) {
            connect(mosquitto.port(), tls("stranger.pem", "client.key"));
            heard.awaitClosed(1);
            assertThat(heard.connected).isEmpty();
            assertThat(heard.closed.getFirst()).contains("SSLHandshakeException");
        }
    }

    @Test
    void connect_serverThatWantsACertificateAndGetsNone_isRefusedByIt() {
        try (Mosquitto mosquitto = mosquitto("server")) {
            connect(
                    mosquitto.port(),
                    new Settings.Tls(Optional.of(dir.resolve("ca.pem")), Optional.empty(), Optional.empty()));
            heard.awaitClosed(1);
            assertThat(heard.connected).isEmpty();
        }
    }

    @Test
    void context_filesThatDoNotHoldWhatTheyShould_namesThem() {
        assertThatThrownBy(() -> context(tls("empty.pem", "client.key")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("empty.pem");
        assertThatThrownBy(() -> context(tls("ca.pem", "pkcs1.key")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pkcs1.key")
                .hasMessageContaining("RSA PRIVATE KEY");
    }
}
