// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of durable sessions while nothing at all can be written: who is to make room gets in, and nobody else. */
@Tag("wire")
@Timeout(60)
final class FullDiskSessionsTest {

    private static final long NEVER = ConnectProperties.NEVER_EXPIRES;
    private static final int WAITING = 5;

    private FaultDisk disk = new FaultDisk();
    private RunningGateway gateway = RunningGateway.start(disk, RunningGateway.settings(RunningGateway.LIMITS));

    @AfterEach
    void close() {
        disk.heal();
        gateway.close();
    }

    /** A session for which so many messages wait. */
    private void keep(ProtocolVersion version, Qos qos) throws IOException {
        try (RawClient keeper = gateway.durable("keeper", version, false);
                RawClient publisher = gateway.connected("publisher")) {
            keeper.subscribe(1, "kept/#", qos);
            keeper.disconnect();
            for (int i = 1; i <= WAITING; i++) {
                publisher.publish("kept/" + i, "message " + i, Qos.AT_LEAST_ONCE, i);
                publisher.expect(Packet.Puback.class);
            }
        }
    }

    private void keep() throws IOException {
        keep(ProtocolVersion.MQTT_5, Qos.AT_LEAST_ONCE);
    }

    /** Fills the disk and has the gateway find out. */
    private void fill() throws IOException {
        disk.limit(0);
        try (RawClient stranger = gateway.open(ProtocolVersion.MQTT_5)) {
            assertThat(answer(stranger, "stranger", false, NEVER)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        }
    }

    private static ReasonCode answer(RawClient client, String clientId, boolean clean, long expirySeconds)
            throws IOException {
        return answer(client, ProtocolVersion.MQTT_5, clientId, clean, expirySeconds);
    }

    private static ReasonCode answer(
            RawClient client, ProtocolVersion version, String clientId, boolean clean, long expirySeconds)
            throws IOException {
        client.send(Packets.connect(version, clientId, clean, ConnectProperties.withExpiry(expirySeconds)));
        return client.expect(Packet.Connack.class).reason();
    }

    private List<String> drain(RawClient keeper, boolean repeated) throws IOException {
        List<String> payloads = new ArrayList<>();
        for (int i = 1; i <= WAITING; i++) {
            Packet.Publish publish = keeper.expect(Packet.Publish.class);
            assertThat(publish.dup()).isEqualTo(repeated);
            payloads.add(publish.message().payload().text());
            keeper.puback(publish.packetId());
        }
        return payloads;
    }

    private static List<String> all() {
        List<String> all = new ArrayList<>();
        for (int i = 1; i <= WAITING; i++) {
            all.add("message " + i);
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void session_thatIsOnDisk_returnsAndTakesWhatWaits(ProtocolVersion version) throws IOException {
        keep(version, Qos.AT_LEAST_ONCE);
        fill();
        for (int time = 1; time <= 3; time++) {
            try (RawClient keeper = gateway.durable("keeper", version, true)) {
                if (time == 1) {
                    assertThat(drain(keeper, false)).isEqualTo(all());
                }
                keeper.send(new Packet.Pingreq());
                keeper.expect(Packet.Pingresp.class); // what was acknowledged does not come again
                keeper.disconnect();
            }
        }
    }

    @Test
    void session_drainedWithoutRoom_comesAgainAfterACrashAndIsSettledWithRoom() throws IOException {
        keep();
        fill();
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            assertThat(drain(keeper, false)).isEqualTo(all());
            keeper.send(new Packet.Pingreq());
            keeper.expect(Packet.Pingresp.class);
        }
        FaultDisk after = disk.afterCrash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1));
        close();
        disk = after;
        gateway = RunningGateway.start(disk, RunningGateway.settings(RunningGateway.LIMITS));
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            assertThat(drain(keeper, true)).isEqualTo(all());
            keeper.send(new Packet.Pingreq());
            keeper.expect(Packet.Pingresp.class); // its acknowledgements have come
        }
        gateway.restart();
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            keeper.expectNothing();
        }
    }

    @Test
    void connect_thatFindsTheDiskFull_isAnsweredWhenThatIsKnown() throws IOException {
        keep();
        disk.limit(0);
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            assertThat(drain(keeper, false)).isEqualTo(all());
        }
    }

    @Test
    void session_new_isRefusedAndNothingOfItRemains() throws IOException {
        disk.limit(0);
        for (int time = 1; time <= 2; time++) { // the first finds out that the disk is full
            try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
                assertThat(answer(client, "new", false, NEVER)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
                client.expectClosed();
            }
        }
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_3_1_1)) {
            assertThat(answer(client, ProtocolVersion.MQTT_3_1_1, "new", false, NEVER))
                    .isEqualTo(ReasonCode.SERVER_UNAVAILABLE);
            client.expectClosed();
        }
        try (RawClient passing = gateway.connected("passing")) {
            passing.send(new Packet.Pingreq());
            passing.expect(Packet.Pingresp.class);
        }
        disk.heal();
        Packet.Connack accepted = null;
        while (accepted == null) { // until what waits has been written
            try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
                client.send(Packets.connect(ProtocolVersion.MQTT_5, "new", false, ConnectProperties.withExpiry(NEVER)));
                Packet.Connack connack = client.expect(Packet.Connack.class);
                accepted = connack.reason().isError() ? null : connack;
            }
        }
        assertThat(accepted.sessionPresent()).isFalse();
    }

    @Test
    void session_thatStartsClean_isRefusedAndTheOldOneStays() throws IOException {
        keep();
        fill();
        try (RawClient clean = gateway.open(ProtocolVersion.MQTT_5)) {
            assertThat(answer(clean, "keeper", true, NEVER)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        }
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            assertThat(drain(keeper, false)).isEqualTo(all());
        }
    }

    @Test
    void session_withAnotherWillOrExpiry_isRefusedUntilThereIsRoom() throws IOException {
        keep();
        fill();
        Packet.Connect plain =
                Packets.connect(ProtocolVersion.MQTT_5, "keeper", false, ConnectProperties.withExpiry(NEVER));
        Packet.Connect willing = Packets.withWill(plain, Packets.message("kept/will", "dead", Qos.AT_LEAST_ONCE), 0);
        for (int time = 1; time <= 2; time++) {
            try (RawClient keeper = gateway.open(ProtocolVersion.MQTT_5)) {
                keeper.send(willing);
                assertThat(keeper.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            }
        }
        try (RawClient keeper = gateway.open(ProtocolVersion.MQTT_5)) {
            assertThat(answer(keeper, "keeper", false, 3_600)).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        }
        disk.heal();
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            assertThat(drain(keeper, false)).isEqualTo(all());
            keeper.expectNothing(); // no will of a client that was never connected
        }
    }

    @Test
    void session_withTheSameWill_returns() throws IOException {
        try (RawClient keeper = willing()) {
            keeper.subscribe(1, "kept/#", Qos.AT_LEAST_ONCE);
            disk.limit(0);
            try (RawClient again = willing()) { // takes over, and finds that the disk is full
                again.send(new Packet.Pingreq());
                again.expect(Packet.Pingresp.class);
            }
        }
    }

    private RawClient willing() throws IOException {
        RawClient client = gateway.open(ProtocolVersion.MQTT_5);
        client.send(Packets.withWill(
                Packets.connect(ProtocolVersion.MQTT_5, "willing", false, ConnectProperties.withExpiry(NEVER)),
                Packets.message("kept/will", "dead", Qos.AT_LEAST_ONCE),
                3_600));
        assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void subscribe_whatIsThereIsGrantedAndWhatIsNotIsRefused(ProtocolVersion version) throws IOException {
        keep(version, Qos.AT_LEAST_ONCE);
        fill();
        try (RawClient keeper = gateway.durable("keeper", version, true)) {
            assertThat(drain(keeper, false)).isEqualTo(all());
            assertThat(subscribe(keeper, 2, "kept/#", Qos.AT_LEAST_ONCE)).isEqualTo(ReasonCode.GRANTED_QOS_1);
            ReasonCode refusal =
                    version == ProtocolVersion.MQTT_5 ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.UNSPECIFIED_ERROR;
            assertThat(subscribe(keeper, 3, "more/#", Qos.AT_LEAST_ONCE)).isEqualTo(refusal);
            assertThat(subscribe(keeper, 4, "kept/#", Qos.AT_MOST_ONCE)).isEqualTo(refusal);
        }
    }

    private static ReasonCode subscribe(RawClient client, int packetId, String filter, Qos qos) throws IOException {
        client.sendSubscribe(packetId, filter, qos);
        return client.expect(Packet.Suback.class).reasons().getFirst();
    }

    @Test
    void qos2_isReleasedOnlyWhenThatIsWritten() throws IOException {
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            keeper.subscribe(1, "kept/#", Qos.EXACTLY_ONCE);
            keeper.disconnect();
            publisher.publish("kept/once", "once", Qos.EXACTLY_ONCE, 1);
            publisher.expect(Packet.Pubrec.class);
        }
        fill();
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            Packet.Publish publish = keeper.expect(Packet.Publish.class);
            keeper.send(Packets.pubrec(publish.packetId()));
            keeper.expectNothing();
            disk.heal();
            assertThat(keeper.expect(Packet.Pubrel.class).packetId()).isEqualTo(publish.packetId());
            keeper.send(Packets.pubcomp(publish.packetId()));
            keeper.expectNothing();
        }
    }
}
