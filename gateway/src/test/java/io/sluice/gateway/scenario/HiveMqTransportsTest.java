// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import io.sluice.config.PemFiles;
import io.sluice.config.Settings;
import io.sluice.gateway.Certificates;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.access.Credential;
import io.sluice.gateway.access.UsersFile;
import io.sluice.gateway.journal.FaultDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ways in, and who may come in, each seen by client libraries of somebody else's. */
@Timeout(60)
final class HiveMqTransportsTest {

    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    static Path dir;

    private static Certificates certificates;

    private RunningGateway gateway;

    @BeforeAll
    static void makeFiles() throws Exception {
        certificates = new Certificates(dir);
        certificates.authority("ca");
        certificates.certificate("server", "ca");
        UsersFile.write(
                dir.resolve("users"),
                Map.of("press", Credential.of("p-secret", Credential.ITERATIONS_MIN, new SecureRandom())));
    }

    @BeforeEach
    void start() {
        gateway = RunningGateway.start(
                new FaultDisk(),
                RunningGateway.listening(
                        List.of(
                                listener("plain", false, false),
                                listener("tls", true, false),
                                listener("web", false, true),
                                listener("web-tls", true, true)),
                        List.of(new Settings.Access(
                                "plant",
                                Optional.of(dir.resolve("users")),
                                false,
                                List.of(new Settings.Allow(
                                        Optional.of("*"), List.of("{user}/#"), List.of("{user}/#")))))));
    }

    private static Settings.Listener listener(String name, boolean tls, boolean web) {
        return new Settings.Listener(
                name,
                "127.0.0.1",
                0,
                Optional.of("plant"),
                tls
                        ? Optional.of(new Settings.ServerTls(
                                certificates.file("server.pem"),
                                certificates.file("server.key"),
                                Optional.empty(),
                                Settings.Identity.USER_NAME))
                        : Optional.empty(),
                web ? Optional.of("/mqtt") : Optional.empty(),
                tls || web,
                Settings.ListenerLimits.DEFAULTS);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Mqtt5ClientBuilder client(String listener) {
        return Mqtt5Client.builder()
                .identifier(listener)
                .serverHost("127.0.0.1")
                .serverPort(gateway.port(listener));
    }

    private static Mqtt5ClientBuilder secured(Mqtt5ClientBuilder client) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "ca", PemFiles.certificates(certificates.file("ca.pem")).getFirst());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return client.sslConfig().trustManagerFactory(trust).applySslConfig();
    }

    private static Mqtt5BlockingClient withPassword(Mqtt5ClientBuilder client, String password) {
        return client.simpleAuth()
                .username("press")
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    /** A large message and a small one go there and back. */
    private static void talk(Mqtt5BlockingClient client) throws InterruptedException {
        client.connect();
        try (Mqtt5Publishes publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("press/a")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
            for (int bytes : new int[] {300_000, 1}) {
                client.publishWith()
                        .topic("press/a")
                        .qos(MqttQos.EXACTLY_ONCE)
                        .payload(new byte[bytes])
                        .send();
                assertThat(publishes
                                .receive(PATIENCE_SECONDS, TimeUnit.SECONDS)
                                .orElseThrow()
                                .getPayloadAsBytes())
                        .hasSize(bytes);
            }
        }
        client.disconnect();
    }

    @Test
    void client_overEachTransport_publishesAndReceives() throws Exception {
        talk(withPassword(client("plain"), "p-secret"));
        talk(withPassword(secured(client("tls")), "p-secret"));
        talk(withPassword(client("web").webSocketConfig().serverPath("mqtt").applyWebSocketConfig(), "p-secret"));
        talk(withPassword(
                secured(client("web-tls")).webSocketConfig().serverPath("mqtt").applyWebSocketConfig(), "p-secret"));
    }

    @Test
    void client_withTheWrongPassword_isRefusedByEachTransport() throws Exception {
        Mqtt5BlockingClient overTls = withPassword(secured(client("tls")), "guessed");
        assertThatThrownBy(overTls::connect).isInstanceOf(Mqtt5ConnAckException.class);
        Mqtt5BlockingClient overWeb =
                withPassword(client("web").webSocketConfig().serverPath("mqtt").applyWebSocketConfig(), "guessed");
        assertThatThrownBy(overWeb::connect).isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void scram_libraryOfSomebodyElse_isAdmittedAndProvesItselfAgain() throws Exception {
        ScramLibrary scram = new ScramLibrary("press", "p-secret");
        Mqtt5BlockingClient client = client("plain").enhancedAuth(scram).buildBlocking();
        talk(client);
        client.connect();
        client.reauth();
        assertThat(scram.proved).isEqualTo(3);
        client.disconnect();
    }

    @Test
    void scram_wrongPassword_isRefused() {
        Mqtt5BlockingClient client = client("plain")
                .enhancedAuth(new ScramLibrary("press", "guessed"))
                .buildBlocking();
        assertThatThrownBy(client::connect)
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused -> assertThat(refused.getMqttMessage().getReasonCode())
                                .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    }
}
