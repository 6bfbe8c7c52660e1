// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.FaultDisk.Leaves;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * A shared subscription on a disk that loses what was not forced: whatever moment a power cut chooses, each acknowledged message
 * was acknowledged by a member, or reaches one afterwards, with QoS 2 only one and only once.
 */
@Tag("wire")
@Timeout(120)
final class ShareFaultTest {

    private static final String SHARED = "$share/group/t/#";
    private static final int MESSAGES = 24;

    /** What had been said at one moment, and the disk that a power cut would have left then. */
    private record Moment(FaultDisk disk, Set<String> acknowledged, Set<String> settled) {}

    @ParameterizedTest
    @FieldSource("io.sluice.gateway.RunningGateway#SYNCS")
    void everythingAcknowledged_powerCutAtAnyMoment_isWithAMemberOrReachesOne(Settings.Sync sync) throws IOException {
        List<Moment> moments = new ArrayList<>();
        FaultDisk disk = new FaultDisk();
        Settings settings = RunningGateway.delayed(RunningGateway.settings(RunningGateway.LIMITS), sync);
        try (RunningGateway gateway = RunningGateway.start(disk, settings);
                RawClient kept = gateway.durable("kept", ProtocolVersion.MQTT_5, false);
                RawClient passing = gateway.connected("passing");
                RawClient publisher = gateway.connected("publisher")) {
            kept.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            passing.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            SplittableRandom random = new SplittableRandom(1);
            Set<String> acknowledged = new TreeSet<>();
            Set<String> settled = new TreeSet<>();
            for (int i = 1; i <= MESSAGES; i++) {
                boolean once = i % 3 == 0;
                publisher.publish("t/x", "m" + i, once ? Qos.EXACTLY_ONCE : Qos.AT_LEAST_ONCE, i);
                if (once) {
                    publisher.expect(Packet.Pubrec.class);
                    acknowledged.add("m" + i);
                    publisher.send(Packets.pubrel(i));
                    publisher.expect(Packet.Pubcomp.class);
                } else {
                    publisher.expect(Packet.Puback.class);
                    acknowledged.add("m" + i);
                }
                RawClient member = i % 2 == 1 ? kept : passing; // by turns
                Packet.Publish publish = member.expect(Packet.Publish.class);
                moments.add(moment(disk, random, acknowledged, settled, i));
                if (i % 4 < 2) {
                    settle(member, publish);
                    settled.add(publish.message().payload().text());
                    moments.add(moment(disk, random, acknowledged, settled, i + 1));
                }
            }
        }
        for (Moment moment : moments) {
            assertThatAllIsThere(moment);
        }
    }

    private static Moment moment(
            FaultDisk disk, SplittableRandom random, Set<String> acknowledged, Set<String> settled, int which) {
        Leaves leaves = Leaves.values()[which % Leaves.values().length];
        return new Moment(disk.afterCrash(leaves, random), new TreeSet<>(acknowledged), new TreeSet<>(settled));
    }

    private static void settle(RawClient member, Packet.Publish publish) throws IOException {
        member.settle(publish);
        member.expectNothing();
    }

    private static void assertThatAllIsThere(Moment moment) throws IOException {
        Set<String> missing = new TreeSet<>(moment.acknowledged());
        missing.removeAll(moment.settled());
        try (RunningGateway gateway =
                        RunningGateway.start(moment.disk(), RunningGateway.settings(RunningGateway.LIMITS));
                RawClient kept = gateway.durable("kept", ProtocolVersion.MQTT_5, true)) {
            Set<String> once = new TreeSet<>(moment.settled());
            while (!missing.isEmpty()) {
                switch (kept.next()) {
                    case Packet.Publish publish
                    when publish.message().qos() == Qos.EXACTLY_ONCE -> {
                        assertThat(once.add(publish.message().payload().text())).isTrue();
                        missing.remove(publish.message().payload().text());
                        kept.send(Packets.pubrec(publish.packetId()));
                    }
                    case Packet.Publish publish -> {
                        missing.remove(publish.message().payload().text());
                        kept.puback(publish.packetId());
                    }
                    case Packet.Pubrel pubrel -> kept.send(Packets.pubcomp(pubrel.packetId()));
                    case Packet other -> throw new AssertionError("not expected: " + other);
                }
            }
        }
    }
}
