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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that somebody else has filled: what must be written is refused, everything else goes on, and it ends by itself. */
@Tag("wire")
@Timeout(60)
final class FullDiskTest {

    private final FaultDisk disk = new FaultDisk();
    private final RunningGateway gateway = RunningGateway.start(disk, RunningGateway.settings(RunningGateway.LIMITS));

    @BeforeEach
    void keepASession() throws IOException {
        try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, false)) {
            keeper.subscribe(1, "kept/#", Qos.AT_LEAST_ONCE);
            keeper.disconnect();
        }
    }

    @AfterEach
    void close() {
        disk.heal();
        gateway.close();
    }

    /** Fills the disk and publishes until a message is refused. */
    private void fill(RawClient first) throws IOException {
        disk.limit(0); // not even the zeros that are there already can be written over
        first.publish("kept/first", "first", Qos.AT_LEAST_ONCE, 1); // taken in, and it is this that finds no room
        Packet answer = new Packet.Pingresp();
        while (!(answer instanceof Packet.Puback)) {
            try (RawClient next = gateway.connected("next")) {
                next.publish("kept/next", "maybe", Qos.AT_LEAST_ONCE, 1);
                next.send(new Packet.Pingreq());
                answer = next.next();
            }
        }
        assertThat(((Packet.Puback) answer).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
    }

    @Test
    void full_qos0AndReceiversInMemoryGoOnAndWhatWasTakenInIsAcknowledgedAtLast() throws IOException {
        try (RawClient first = gateway.connected("first");
                RawClient subscriber = gateway.connected("subscriber")) {
            subscriber.subscribe(1, "#", Qos.AT_MOST_ONCE);
            fill(first);
            try (RawClient publisher = gateway.connected("publisher")) {
                publisher.publish("kept/live", "goes on", Qos.AT_MOST_ONCE, 0);
                publisher.publish("kept/live", "is refused", Qos.EXACTLY_ONCE, 2);
                assertThat(publisher.expect(Packet.Pubrec.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
                String last = "";
                while (!last.equals("goes on")) {
                    last = subscriber
                            .expect(Packet.Publish.class)
                            .message()
                            .payload()
                            .text();
                }
                disk.heal();
                assertThat(first.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.SUCCESS);
                publisher.publish("kept/live", "is taken", Qos.AT_LEAST_ONCE, 3);
                assertThat(publisher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.SUCCESS);
            }
        }
    }

    @Test
    void full_clientOf311_isAcknowledgedWhenThereIsRoomAndNothingIsLost() throws IOException {
        try (RawClient first = gateway.connected("first");
                RawClient old = gateway.connected("old", ProtocolVersion.MQTT_3_1_1)) {
            fill(first);
            for (int i = 1; i <= 20; i++) {
                old.publish("kept/old", "old " + i, i % 2 == 0 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE, i);
            }
            try (RawClient other = gateway.connected("other")) { // meanwhile
                other.publish("kept/other", "is refused", Qos.AT_LEAST_ONCE, 1);
                assertThat(other.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            }
            disk.heal();
            for (int i = 1; i <= 20; i++) {
                if (i % 2 == 0) {
                    assertThat(old.expect(Packet.Puback.class).packetId()).isEqualTo(i);
                } else {
                    assertThat(old.expect(Packet.Pubrec.class).packetId()).isEqualTo(i);
                }
            }
            try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
                int next = 1;
                while (next <= 20) {
                    Packet.Publish publish = keeper.expect(Packet.Publish.class);
                    keeper.puback(publish.packetId());
                    if (publish.message().payload().text().equals("old " + next)) {
                        next++;
                    }
                }
            }
        }
    }

    @Test
    void full_willsThatFallDueAreKeptUntilTheyCanBeWritten() throws IOException {
        try (RawClient first = gateway.connected("first");
                RawClient passing = dying("passing", 0);
                RawClient lasting = dying("lasting", 3_600)) {
            fill(first);
            passing.abort();
            lasting.abort();
            try (RawClient watcher = gateway.connected("watcher")) {
                watcher.publish("kept/still", "is refused", Qos.AT_LEAST_ONCE, 1);
                assertThat(watcher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            }
            disk.heal();
            List<String> wills = new ArrayList<>();
            try (RawClient keeper = gateway.durable("keeper", ProtocolVersion.MQTT_5, true)) {
                while (wills.size() < 2) {
                    Packet.Publish publish = keeper.expect(Packet.Publish.class);
                    keeper.puback(publish.packetId());
                    if (publish.message().topic().value().equals("kept/will")) {
                        wills.add(publish.message().payload().text());
                    }
                }
                keeper.expectNothing();
            }
            assertThat(wills).containsExactlyInAnyOrder("passing", "lasting");
        }
    }

    private RawClient dying(String clientId, long expirySeconds) throws IOException {
        RawClient client = gateway.open(ProtocolVersion.MQTT_5);
        client.send(Packets.withWill(
                Packets.connect(ProtocolVersion.MQTT_5, clientId, true, ConnectProperties.withExpiry(expirySeconds)),
                Packets.message("kept/will", clientId, Qos.AT_LEAST_ONCE),
                0));
        assertThat(client.expect(Packet.Connack.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }
}
