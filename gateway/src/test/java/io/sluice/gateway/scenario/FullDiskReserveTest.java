// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that is full but for the journal's reserve: clients make room, and the gateway comes out of it by itself. */
@Tag("wire")
@Timeout(120)
final class FullDiskReserveTest {

    private static final int LARGE_BYTES = 900 << 10;
    /** More than the newest three segments, which stay. */
    private static final int LARGE_COUNT = 50;

    private FaultDisk disk = new FaultDisk();
    private RunningGateway gateway = RunningGateway.start(disk, RunningGateway.settings(RunningGateway.LIMITS));

    @AfterEach
    void close() {
        disk.heal();
        gateway.close();
    }

    /** A session for which these messages wait. */
    private void keep(Qos qos, int count, int bytes) throws IOException {
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            keeper.subscribe(1, "kept/#", qos);
            keeper.disconnect();
            for (int i = 1; i <= count; i++) {
                publisher.publish("kept/" + i, Payload.of(new byte[bytes]), qos, i);
                if (qos == Qos.EXACTLY_ONCE) {
                    publisher.expect(Packet.Pubrec.class);
                } else {
                    publisher.expect(Packet.Puback.class);
                }
            }
        }
    }

    /** Somebody else has taken the rest of the disk; publishes until a message is refused, and tells how many were taken. */
    private int fill() throws IOException {
        disk.limit(disk.bytes());
        try (RawClient publisher = gateway.connected("publisher")) {
            for (int taken = 0; ; taken++) {
                if (isRefused(publisher)) {
                    return taken;
                }
            }
        }
    }

    private static boolean isRefused(RawClient publisher) throws IOException {
        publisher.publish("kept/more", "more", Qos.AT_LEAST_ONCE, 1);
        return publisher.expect(Packet.Puback.class).reason() == ReasonCode.QUOTA_EXCEEDED;
    }

    @Test
    void qos1_drained_makesRoomForNewMessages() throws IOException {
        keep(Qos.AT_LEAST_ONCE, LARGE_COUNT, LARGE_BYTES);
        int more = fill();
        long full = disk.bytes();
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            for (int i = 1; i <= LARGE_COUNT + more; i++) {
                keeper.puback(keeper.expect(Packet.Publish.class).packetId());
            }
        }
        try (RawClient publisher = gateway.connected("publisher")) {
            boolean refused = true;
            while (refused) { // until the next time at which the journal looks for what can be deleted
                refused = isRefused(publisher);
            }
        }
        assertThat(disk.bytes()).isLessThan(full);
    }

    /** What was taken in while the disk was slow is more than the reserve has, and stands before all that makes room. */
    @Test
    void reserveTooSmall_drainedAllTheSame_writesAtLastWhatWaits() throws IOException {
        keep(Qos.AT_LEAST_ONCE, LARGE_COUNT, LARGE_BYTES);
        try (RawClient publisher = gateway.connected("publisher")) {
            disk.holdForces();
            publisher.publish("other", "first", Qos.AT_LEAST_ONCE, 1);
            publisher.publish("kept/new", "first", Qos.AT_LEAST_ONCE, 2);
            disk.awaitHeldForce();
            for (int i = 3; i <= 6; i++) {
                publisher.publish("kept/new", Payload.of(new byte[LARGE_BYTES]), Qos.AT_LEAST_ONCE, i);
            }
            assertThat(publisher.expect(Packet.Puback.class).packetId()).isEqualTo(1); // nobody must have that one
            publisher.expectNothing();
            disk.limit(disk.bytes());
            disk.releaseForces();
            assertThat(publisher.expect(Packet.Puback.class).packetId()).isEqualTo(2);
            try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
                for (int i = 1; i <= LARGE_COUNT; i++) {
                    keeper.puback(keeper.expect(Packet.Publish.class).packetId());
                }
                for (int i = 3; i <= 6; i++) {
                    Packet.Puback puback = publisher.expect(Packet.Puback.class);
                    assertThat(puback.packetId()).isEqualTo(i);
                    assertThat(puback.reason().isError()).isFalse();
                }
            }
        }
    }

    @Test
    void qos2_drained_comesOnceWhateverHappensThen() throws IOException {
        keep(Qos.EXACTLY_ONCE, 20, 100);
        fill();
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            int released = 0;
            while (released < 20) {
                switch (keeper.next()) {
                    case Packet.Publish publish
                    when publish.message().qos() == Qos.EXACTLY_ONCE -> keeper.send(Packets.pubrec(publish.packetId()));
                    case Packet.Publish publish -> keeper.puback(publish.packetId());
                    case Packet.Pubrel ignored -> released++; // and there the power goes
                    case Packet other -> throw new AssertionError("got " + other);
                }
            }
        }
        FaultDisk after = disk.afterCrash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1));
        close();
        disk = after;
        gateway = RunningGateway.start(disk, RunningGateway.settings(RunningGateway.LIMITS));
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
            for (int i = 1; i <= 20; i++) {
                keeper.send(Packets.pubcomp(keeper.expect(Packet.Pubrel.class).packetId()));
            }
            keeper.send(new Packet.Pingreq());
            for (Packet packet = keeper.next(); !(packet instanceof Packet.Pingresp); packet = keeper.next()) {
                assertThat(((Packet.Publish) packet).message().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            }
        }
    }

    @Test
    void session_withAnotherWill_returns_andANewOneIsRefused() throws IOException {
        keep(Qos.AT_LEAST_ONCE, 1, 100);
        fill();
        Packet.Connect connect = Packets.connect(
                ProtocolVersion.MQTT_5, "keeper", false, ConnectProperties.withExpiry(ConnectProperties.NEVER_EXPIRES));
        try (RawClient keeper = gateway.open(ProtocolVersion.MQTT_5)) {
            keeper.send(Packets.withWill(connect, Packets.message("kept/will", "dead", Qos.AT_LEAST_ONCE), 0));
            assertThat(keeper.expect(Packet.Connack.class).sessionPresent()).isTrue();
        }
        try (RawClient stranger = gateway.open(ProtocolVersion.MQTT_5)) {
            stranger.send(Packets.connect(
                    ProtocolVersion.MQTT_5,
                    "new",
                    false,
                    ConnectProperties.withExpiry(ConnectProperties.NEVER_EXPIRES)));
            assertThat(stranger.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        }
    }
}
