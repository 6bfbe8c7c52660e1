// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.access.Credential;
import io.sluice.gateway.access.UsersFile;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("wire")
class EnhancedAuthenticationTest {

    private static final String METHOD = "SCRAM-SHA-256";
    private static final String NONCE = "fyko+d2lbbFgONRv9qkxdawL";

    private RunningGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("users.passwd");
        UsersFile.write(
                file,
                Map.of(
                        "press", Credential.of("p-secret", Credential.ITERATIONS_MIN, new SecureRandom()),
                        "hmi", Credential.of("h-secret", Credential.ITERATIONS_MIN, new SecureRandom())));
        gateway = RunningGateway.start(
                new FaultDisk(),
                RunningGateway.settings(new Settings.Access(
                        "plant",
                        Optional.of(file),
                        false,
                        List.of(new Settings.Allow(Optional.of("*"), List.of("{user}/#"), List.of("{user}/#"))))));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static Packet.Connect connect(String method, Optional<String> data) {
        return Packets.connect(
                ProtocolVersion.MQTT_5,
                "client",
                true,
                new ConnectProperties(
                        0,
                        ConnectProperties.RECEIVE_MAXIMUM_DEFAULT,
                        OptionalLong.empty(),
                        0,
                        false,
                        true,
                        Optional.of(method),
                        data.map(Payload::ofText),
                        List.of()));
    }

    private static Packet.Auth auth(ReasonCode reason, String method, String data) {
        return new Packet.Auth(reason, Optional.of(method), Optional.of(Payload.ofText(data)), Explanation.NONE);
    }

    private static String first(String user) {
        return "n,,n=" + user + ",r=" + NONCE;
    }

    private static String challenge(Packet.Auth auth) {
        assertThat(auth.reason()).isEqualTo(ReasonCode.CONTINUE_AUTHENTICATION);
        assertThat(auth.authenticationMethod()).contains(METHOD);
        String challenge = auth.authenticationData().orElseThrow().text();
        assertThat(challenge).startsWith("r=" + NONCE);
        return challenge;
    }

    /** What a client says last, computed apart from the gateway's code. */
    private static String last(String user, String password, String challenge) throws GeneralSecurityException {
        String[] parts = challenge.split(",", 3);
        byte[] salt = Base64.getDecoder().decode(parts[1].substring(2));
        int iterations = Integer.parseInt(parts[2].substring(2));
        byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
                .getEncoded();
        byte[] clientKey = hmac(salted, "Client Key");
        String withoutProof = "c=biws," + parts[0];
        byte[] signature = hmac(
                MessageDigest.getInstance("SHA-256").digest(clientKey),
                "n=" + user + ",r=" + NONCE + "," + challenge + "," + withoutProof);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= signature[i];
        }
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(clientKey);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private RawClient connected() throws Exception {
        RawClient client = gateway.open(ProtocolVersion.MQTT_5);
        client.send(connect(METHOD, Optional.of(first("press"))));
        String challenge = challenge(client.expect(Packet.Auth.class));
        client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, last("press", "p-secret", challenge)));
        Packet.Connack connack = client.expect(Packet.Connack.class);
        assertThat(connack.reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(connack.properties().authenticationMethod()).contains(METHOD);
        assertThat(connack.properties().authenticationData().orElseThrow().text())
                .startsWith("v=");
        return client;
    }

    @Test
    @Statement({"MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-3.15.2-1", "MQTT-3.2.0-1"})
    void connect_exchangeThatProvesTheUser_isAdmittedWithItsRights() throws Exception {
        try (RawClient client = connected()) {
            client.publish("press/a", "1", Qos.AT_LEAST_ONCE, 1);
            assertThat(client.expect(Packet.Puback.class).reason().isError()).isFalse();
            client.publish("hmi/a", "1", Qos.AT_LEAST_ONCE, 1);
            assertThat(client.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Test
    void connect_withoutData_isAskedForIt() throws Exception {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(connect(METHOD, Optional.empty()));
            assertThat(client.expect(Packet.Auth.class).authenticationData()).isEmpty();
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, first("press")));
            String challenge = challenge(client.expect(Packet.Auth.class));
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, last("press", "p-secret", challenge)));
            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        }
    }

    @Test
    @Statement("MQTT-4.12.0-4")
    void connect_wrongPasswordOrUser_isRefusedAtTheSamePoint() throws Exception {
        for (String user : List.of("press", "nobody")) {
            try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
                client.send(connect(METHOD, Optional.of(first(user))));
                String challenge = challenge(client.expect(Packet.Auth.class));
                client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, last(user, "wrong", challenge)));
                assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
                client.expectClosed();
            }
        }
    }

    @Test
    @Statement("MQTT-4.12.0-1")
    void connect_unknownMethod_isRefused() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(connect("GS2-KRB5", Optional.empty()));
            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
            client.expectClosed();
        }
    }

    @Test
    @Statement("MQTT-4.12.0-5")
    void auth_ofAnotherMethod_isAProtocolError() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(connect(METHOD, Optional.of(first("press"))));
            client.expect(Packet.Auth.class);
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, "OTHER", "x"));
            assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            client.expectClosed();
        }
    }

    @Test
    void packet_otherThanAuthBeforeConnack_isAProtocolError() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            client.send(connect(METHOD, Optional.of(first("press"))));
            client.publish("press/a", "1", Qos.AT_MOST_ONCE, 0);
            Packet answer = client.next();
            if (answer instanceof Packet.Auth) {
                answer = client.next();
            }
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            Packet.Connack.class,
                            connack -> assertThat(connack.reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR));
            client.expectClosed();
        }
    }

    @Test
    void reauthentication_whileMessagesFlow_succeeds() throws Exception {
        try (RawClient client = connected()) {
            client.subscribe(1, "press/#", Qos.AT_MOST_ONCE);
            client.send(auth(ReasonCode.RE_AUTHENTICATE, METHOD, first("press")));
            client.publish("press/a", "1", Qos.AT_MOST_ONCE, 0);
            Packet one = client.next();
            Packet other = client.next();
            Packet.Auth asked = (Packet.Auth) (one instanceof Packet.Auth ? one : other);
            assertThat(one instanceof Packet.Publish || other instanceof Packet.Publish)
                    .isTrue();
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, last("press", "p-secret", challenge(asked))));
            Packet.Auth done = client.expect(Packet.Auth.class);
            assertThat(done.reason()).isEqualTo(ReasonCode.SUCCESS);
            assertThat(done.authenticationMethod()).contains(METHOD);
            assertThat(done.authenticationData().orElseThrow().text()).startsWith("v=");
            client.expectNothing();
        }
    }

    @Test
    @Statement("MQTT-4.12.1-2")
    void reauthentication_thatFails_endsTheConnection() throws Exception {
        try (RawClient client = connected()) {
            client.send(auth(ReasonCode.RE_AUTHENTICATE, METHOD, first("press")));
            String challenge = challenge(client.expect(Packet.Auth.class));
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, last("press", "wrong", challenge)));
            client.expectDisconnect(ReasonCode.NOT_AUTHORIZED);
        }
        try (RawClient client = connected()) {
            client.send(auth(ReasonCode.RE_AUTHENTICATE, METHOD, first("hmi")));
            String challenge = challenge(client.expect(Packet.Auth.class));
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, last("hmi", "h-secret", challenge)));
            client.expectDisconnect(ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Test
    void auth_thatContinuesNothing_isAProtocolError() throws Exception {
        try (RawClient client = connected()) {
            client.send(auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD, first("press")));
            client.expectDisconnect(ReasonCode.PROTOCOL_ERROR);
        }
    }
}
