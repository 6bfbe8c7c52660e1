// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.access.Credential;
import io.sluice.gateway.access.UsersFile;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("wire")
class AccessTest {

    private static final int ITERATIONS = Credential.ITERATIONS_MIN;

    private final Map<String, Credential> users = new LinkedHashMap<>();
    private Path usersFile;
    private RunningGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws IOException {
        usersFile = dir.resolve("users.passwd");
        users.put("press", Credential.of("p-secret", ITERATIONS, new SecureRandom()));
        users.put("hmi", Credential.of("h-secret", ITERATIONS, new SecureRandom()));
        UsersFile.write(usersFile, users);
        gateway = RunningGateway.start(new FaultDisk(), RunningGateway.settings(access(false)));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Settings.Access access(boolean anonymous) {
        return new Settings.Access(
                "plant",
                Optional.of(usersFile),
                anonymous,
                List.of(
                        new Settings.Allow(Optional.of("*"), List.of("sensors/{user}/#"), List.of("sensors/{user}/#")),
                        new Settings.Allow(Optional.of("hmi"), List.of("commands/#"), List.of("#"))));
    }

    private RawClient login(ProtocolVersion version, String clientId, String user, String password) throws IOException {
        RawClient client = gateway.open(version);
        client.send(connect(version, clientId, true, 0, user, password, Optional.empty()));
        return client;
    }

    private RawClient admitted(ProtocolVersion version, String clientId, String user, String password)
            throws IOException {
        RawClient client = login(version, clientId, user, password);
        assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private static Packet.Connect connect(
            ProtocolVersion version,
            String clientId,
            boolean cleanStart,
            long expiry,
            String user,
            String password,
            Optional<Will> will) {
        return new Packet.Connect(
                version,
                clientId,
                cleanStart,
                0,
                ConnectProperties.withExpiry(expiry),
                will,
                user.isEmpty() ? Optional.empty() : Optional.of(user),
                password.isEmpty() ? Optional.empty() : Optional.of(Payload.ofText(password)));
    }

    private static void refused(RawClient client, ReasonCode reason) throws IOException {
        assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(reason);
        client.expectClosed();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    @Statement("MQTT-3.1.4-2")
    void connect_rightPassword_isAdmitted(ProtocolVersion version) throws IOException {
        admitted(version, "a", "press", "p-secret").close();
        admitted(version, "a", "press", "p-secret").close();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    @Statement({"MQTT-3.1.4-2", "MQTT-3.2.2-7"})
    void connect_wrongPasswordOrUser_isRefused(ProtocolVersion version) throws IOException {
        refused(login(version, "a", "press", "h-secret"), ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        refused(login(version, "a", "nobody", "p-secret"), ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        refused(login(version, "a", "press", ""), ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void connect_withoutUserName_isRefused(ProtocolVersion version) throws IOException {
        refused(login(version, "a", "", ""), ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void connect_withoutUserNameWhereAnonymousMayCome_isAdmittedWithNoRights() throws IOException {
        gateway.restart(RunningGateway.settings(access(true)));
        RawClient client = admitted(ProtocolVersion.MQTT_5, "a", "", "");
        client.publish("sensors//x", "1", Qos.AT_LEAST_ONCE, 1);
        assertThat(client.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        client.close();
    }

    @Test
    @Statement("MQTT-3.1.4-6")
    void connect_refusedWithMoreBehindIt_looksAtNoneOfThat() throws IOException {
        RawClient watcher = admitted(ProtocolVersion.MQTT_5, "watcher", "hmi", "h-secret");
        watcher.subscribe(1, "#", Qos.AT_MOST_ONCE);
        RawClient client = login(ProtocolVersion.MQTT_5, "a", "press", "wrong");
        client.publish("sensors/press/a", "1", Qos.AT_MOST_ONCE, 0);
        refused(client, ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        watcher.expectNothing();
        watcher.close();
    }

    @Test
    void connect_admittedWithMoreBehindIt_takesThatInOrder() throws IOException {
        RawClient watcher = admitted(ProtocolVersion.MQTT_5, "watcher", "hmi", "h-secret");
        watcher.subscribe(1, "#", Qos.AT_MOST_ONCE);
        RawClient client = login(ProtocolVersion.MQTT_5, "a", "press", "p-secret");
        for (int i = 0; i < 100; i++) {
            client.publish("sensors/press/a", "" + i, Qos.AT_MOST_ONCE, 0);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(watcher.expect(Packet.Publish.class).message().payload().text())
                    .isEqualTo("" + i);
        }
        assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        client.close();
        watcher.close();
    }

    @Test
    void publish_notAllowed_isRefusedAndNotDelivered() throws IOException {
        RawClient watcher = admitted(ProtocolVersion.MQTT_5, "watcher", "hmi", "h-secret");
        watcher.subscribe(1, "#", Qos.EXACTLY_ONCE);
        RawClient press = admitted(ProtocolVersion.MQTT_5, "press", "press", "p-secret");
        press.publish("sensors/other/a", "0", Qos.AT_MOST_ONCE, 0);
        press.publish("commands/valve", "1", Qos.AT_LEAST_ONCE, 1);
        assertThat(press.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        press.publish("commands/valve", "2", Qos.EXACTLY_ONCE, 2);
        assertThat(press.expect(Packet.Pubrec.class).reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        press.publish("sensors/press/a", "3", Qos.AT_LEAST_ONCE, 2);
        assertThat(press.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(watcher.expect(Packet.Publish.class).message().payload().text())
                .isEqualTo("3");
        watcher.expectNothing();
        press.close();
        watcher.close();
    }

    @Test
    void publish_notAllowedWith311_isAcknowledgedAndNotDelivered() throws IOException {
        RawClient watcher = admitted(ProtocolVersion.MQTT_5, "watcher", "hmi", "h-secret");
        watcher.subscribe(1, "#", Qos.EXACTLY_ONCE);
        RawClient press = admitted(ProtocolVersion.MQTT_3_1_1, "press", "press", "p-secret");
        press.publish("commands/valve", "1", Qos.AT_LEAST_ONCE, 1);
        press.expect(Packet.Puback.class);
        press.publish("commands/valve", "2", Qos.EXACTLY_ONCE, 2);
        press.expect(Packet.Pubrec.class);
        press.send(new Packet.Pubrel(2, ReasonCode.SUCCESS, Explanation.NONE));
        press.expect(Packet.Pubcomp.class);
        watcher.expectNothing();
        press.close();
        watcher.close();
    }

    @Test
    void subscribe_widerThanAllowed_isRefused() throws IOException {
        RawClient press = admitted(ProtocolVersion.MQTT_5, "press", "press", "p-secret");
        press.subscribe(1, "sensors/press/+", Qos.AT_LEAST_ONCE);
        for (String filter : List.of("sensors/+/a", "#", "sensors/hmi/a", "$share/g/sensors/#")) {
            press.sendSubscribe(2, filter, Qos.AT_LEAST_ONCE);
            assertThat(press.expect(Packet.Suback.class).reasons()).containsExactly(ReasonCode.NOT_AUTHORIZED);
        }
        RawClient old = admitted(ProtocolVersion.MQTT_3_1_1, "old", "press", "p-secret");
        old.sendSubscribe(2, "#", Qos.AT_LEAST_ONCE);
        assertThat(old.expect(Packet.Suback.class).reasons()).containsExactly(ReasonCode.UNSPECIFIED_ERROR);
        press.close();
        old.close();
    }

    @Test
    void will_onATopicThatIsNotAllowed_isRefusedAtConnect() throws IOException {
        RawClient press = gateway.open(ProtocolVersion.MQTT_5);
        Message message = Message.of(
                new TopicName("commands/valve"),
                Qos.AT_MOST_ONCE,
                false,
                MessageProperties.none(),
                Message.NEVER,
                0,
                Payload.ofText("open"));
        press.send(
                connect(ProtocolVersion.MQTT_5, "a", true, 0, "press", "p-secret", Optional.of(new Will(message, 0))));
        refused(press, ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void session_ofAnotherUser_isNotTakenOver() throws IOException {
        RawClient press = gateway.open(ProtocolVersion.MQTT_5);
        press.send(connect(ProtocolVersion.MQTT_5, "id", false, 100, "press", "p-secret", Optional.empty()));
        press.expect(Packet.Connack.class);
        press.subscribe(1, "sensors/press/a", Qos.AT_LEAST_ONCE);
        refused(login(ProtocolVersion.MQTT_5, "id", "hmi", "h-secret"), ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        press.expectNothing();
        press.close();
        gateway.restart();
        refused(login(ProtocolVersion.MQTT_5, "id", "hmi", "h-secret"), ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        RawClient open = RawClient.open(gateway.port("open"), ProtocolVersion.MQTT_5);
        open.send(connect(ProtocolVersion.MQTT_5, "id", true, 0, "", "", Optional.empty()));
        refused(open, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        RawClient again = gateway.open(ProtocolVersion.MQTT_5);
        again.send(connect(ProtocolVersion.MQTT_5, "id", false, 100, "press", "p-secret", Optional.empty()));
        assertThat(again.expect(Packet.Connack.class).sessionPresent()).isTrue();
        again.close();
    }

    @Test
    void session_fromBeforeTheRules_isAdoptedByWhoMayReadAllOfIt() throws IOException {
        RawClient before = RawClient.durable(gateway.port("open"), "id");
        before.subscribe(1, "commands/#", Qos.AT_LEAST_ONCE);
        refused(login(ProtocolVersion.MQTT_5, "id", "hmi", "h-secret"), ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        before.disconnect();
        refused(login(ProtocolVersion.MQTT_5, "id", "press", "p-secret"), ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        RawClient hmi = gateway.open(ProtocolVersion.MQTT_5);
        hmi.send(connect(ProtocolVersion.MQTT_5, "id", false, 100, "hmi", "h-secret", Optional.empty()));
        assertThat(hmi.expect(Packet.Connack.class).sessionPresent()).isTrue();
        hmi.close();
    }

    @Test
    void session_rulesMadeNarrower_losesWhatIsNoLongerAllowed() throws IOException {
        RawClient hmi = gateway.open(ProtocolVersion.MQTT_5);
        hmi.send(connect(ProtocolVersion.MQTT_5, "id", false, 100, "hmi", "h-secret", Optional.empty()));
        hmi.expect(Packet.Connack.class);
        hmi.subscribe(1, "commands/#", Qos.AT_LEAST_ONCE);
        hmi.subscribe(2, "sensors/hmi/a", Qos.AT_LEAST_ONCE);
        hmi.close();
        Settings.Access wide = access(false);
        gateway.restart(RunningGateway.settings(new Settings.Access(
                wide.name(), wide.usersFile(), false, wide.allow().subList(0, 1))));
        RawClient again = gateway.open(ProtocolVersion.MQTT_5);
        again.send(connect(ProtocolVersion.MQTT_5, "id", false, 100, "hmi", "h-secret", Optional.empty()));
        assertThat(again.expect(Packet.Connack.class).sessionPresent()).isTrue();
        RawClient open = RawClient.connected(gateway.port("open"), "open");
        open.publish("commands/a", "1", Qos.AT_LEAST_ONCE, 1);
        open.expect(Packet.Puback.class);
        open.publish("sensors/hmi/a", "2", Qos.AT_LEAST_ONCE, 2);
        assertThat(again.expect(Packet.Publish.class).message().payload().text())
                .isEqualTo("2");
        open.close();
        again.close();
    }

    @Test
    void usersFile_changed_holdsForTheNextLoginAndEndsOldOnes() throws IOException {
        RawClient press = admitted(ProtocolVersion.MQTT_5, "press", "press", "p-secret");
        RawClient hmi = admitted(ProtocolVersion.MQTT_5, "hmi", "hmi", "h-secret");
        users.put("press", Credential.of("new", ITERATIONS, new SecureRandom()));
        users.put("fresh", Credential.of("f-secret", ITERATIONS, new SecureRandom()));
        UsersFile.write(usersFile, users);
        admitted(ProtocolVersion.MQTT_5, "fresh", "fresh", "f-secret").close();
        press.expectDisconnect(ReasonCode.ADMINISTRATIVE_ACTION);
        refused(login(ProtocolVersion.MQTT_5, "press", "press", "p-secret"), ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        admitted(ProtocolVersion.MQTT_5, "press", "press", "new").close();
        hmi.expectNothing();
        hmi.close();
    }

    @Test
    void connect_stormOfLogins_leavesTheOthersUndisturbed() throws IOException {
        RawClient hmi = admitted(ProtocolVersion.MQTT_5, "hmi", "hmi", "h-secret");
        List<RawClient> storm = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            storm.add(login(ProtocolVersion.MQTT_5, "s" + i, "press", "wrong-" + i));
        }
        hmi.expectNothing();
        for (RawClient client : storm) {
            refused(client, ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        }
        hmi.close();
    }
}
