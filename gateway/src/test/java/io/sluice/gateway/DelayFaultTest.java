// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.FaultDisk.Leaves;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Messages that wait for their receivers instead of being written, on a disk that loses what was not forced. Whatever moment a power
 * cut chooses: what was acknowledged was settled by a receiver or reaches it afterwards, what was never written does not come again,
 * and a packet identifier that a receiver still holds stands for the same message or for none.
 */
@Tag("wire")
@Timeout(120)
final class DelayFaultTest {

    private static final int MESSAGES = 36;
    private static final int MAY_HOLD = 3;

    /** Only the receivers end a wait, not time. */
    private static final Settings.Sync LONG = new Settings.Sync(Duration.ofMillis(5), Duration.ofSeconds(10));

    private final FaultDisk disk = new FaultDisk();
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Moment> moments = new ArrayList<>();
    private final Set<String> acknowledged = new TreeSet<>();
    private final Set<String> settled = new TreeSet<>();
    private final Set<String> neverWritten = new TreeSet<>();
    private final Map<Integer, String> held = new HashMap<>();

    /** What had been said at one moment, and the disk that a power cut would have left then. */
    private record Moment(
            FaultDisk disk,
            Set<String> acknowledged,
            Set<String> settled,
            Set<String> neverWritten,
            Map<Integer, String> held) {}

    private void moment() {
        Leaves leaves = Leaves.values()[moments.size() % Leaves.values().length];
        moments.add(new Moment(
                disk.afterCrash(leaves, random),
                new TreeSet<>(acknowledged),
                new TreeSet<>(settled),
                new TreeSet<>(neverWritten),
                new HashMap<>(held)));
    }

    @Test
    void messagesThatWait_powerCutAtAnyMoment_areNeitherLostNorMistaken() throws IOException {
        try (RunningGateway gateway = start(disk);
                RawClient publisher = gateway.connected("publisher")) {
            RawClient receiver = receiver(gateway);
            receiver.subscribe(1, "t/#", Qos.EXACTLY_ONCE);
            for (int i = 1; i <= MESSAGES; i++) {
                String name = "m" + i;
                publisher.publish("t/x", name, Qos.AT_LEAST_ONCE, i);
                Packet.Publish publish = receiver.expect(Packet.Publish.class);
                held.put(publish.packetId(), name);
                moment();
                switch (i % 4) {
                    case 0 -> receiver = leaves(gateway, receiver, publisher, name);
                    case 1 -> runsFull(receiver, publisher, name, i);
                    default -> settles(receiver, publisher, publish);
                }
            }
            receiver.close();
        }
        for (Moment moment : moments) {
            assertThatAllIsThere(moment);
        }
    }

    /** That a session has no will any more must not be safe before the will's message is. */
    @Test
    void willThatWaits_powerCutAfterTheSessionForgotIt_isThereAfterwards() throws IOException {
        try (RunningGateway gateway = start(disk);
                RawClient receiver = receiver(gateway);
                RawClient other = gateway.connected("other");
                RawClient dying = gateway.open(ProtocolVersion.MQTT_5)) {
            receiver.subscribe(1, "t/#", Qos.AT_LEAST_ONCE);
            Packet.Connect connect = Packets.connect(
                    ProtocolVersion.MQTT_5,
                    "dying",
                    false,
                    Packets.receiveMaximum(ConnectProperties.NEVER_EXPIRES, MAY_HOLD));
            dying.send(Packets.withWill(connect, Packets.message("t/will", "will", Qos.AT_LEAST_ONCE), 0));
            dying.expect(Packet.Connack.class);
            dying.abort();
            receiver.expect(Packet.Publish.class);
            other.send(Packets.publish(Packets.retained("r", "written after it", Qos.AT_LEAST_ONCE), 1));
            other.expect(Packet.Puback.class);
            FaultDisk after = disk.afterCrash(Leaves.NOTHING, random);
            try (RunningGateway again = start(after);
                    RawClient back = receiver(again)) {
                assertThat(back.expect(Packet.Publish.class).message().payload().text())
                        .isEqualTo("will");
            }
        }
    }

    /** The receiver takes it: its acknowledgement is the publisher's. */
    private void settles(RawClient receiver, RawClient publisher, Packet.Publish publish) throws IOException {
        receiver.puback(publish.packetId());
        publisher.expect(Packet.Puback.class);
        String name = publish.message().payload().text();
        acknowledged.add(name);
        settled.add(name);
        neverWritten.add(name);
        held.remove(publish.packetId());
        moment();
    }

    /** The receiver goes without taking it: it is written, acknowledged, and sent again. */
    private RawClient leaves(RunningGateway gateway, RawClient receiver, RawClient publisher, String name)
            throws IOException {
        receiver.abort();
        publisher.expect(Packet.Puback.class);
        acknowledged.add(name);
        moment();
        RawClient back = receiver(gateway);
        Packet.Publish again = back.expect(Packet.Publish.class);
        assertThat(again.message().payload().text()).isEqualTo(name);
        assertThat(held).containsEntry(again.packetId(), name);
        settle(back, again);
        return back;
    }

    /** The receiver holds back until its window is full: everything is written. */
    private void runsFull(RawClient receiver, RawClient publisher, String first, int number) throws IOException {
        List<String> names = new ArrayList<>(List.of(first));
        for (int i = 1; i <= MAY_HOLD; i++) {
            names.add(first + "-" + i);
            publisher.publish("t/x", names.getLast(), Qos.AT_LEAST_ONCE, 100 * number + i);
        }
        for (int i = 1; i < MAY_HOLD; i++) {
            Packet.Publish publish = receiver.expect(Packet.Publish.class);
            held.put(publish.packetId(), publish.message().payload().text());
            moment();
        }
        for (String name : names) {
            publisher.expect(Packet.Puback.class);
            acknowledged.add(name);
            moment();
        }
        for (int packetId : List.copyOf(held.keySet())) {
            settled.add(held.get(packetId));
            held.remove(packetId);
            receiver.puback(packetId);
        }
        settle(receiver, receiver.expect(Packet.Publish.class));
    }

    private void settle(RawClient receiver, Packet.Publish publish) throws IOException {
        receiver.puback(publish.packetId());
        receiver.expectNothing();
        settled.add(publish.message().payload().text());
        held.remove(publish.packetId());
        moment();
    }

    private static void assertThatAllIsThere(Moment moment) throws IOException {
        Set<String> missing = new TreeSet<>(moment.acknowledged());
        missing.removeAll(moment.settled());
        missing.add("fresh");
        try (RunningGateway gateway = start(moment.disk());
                RawClient receiver = receiver(gateway);
                RawClient publisher = gateway.connected("publisher")) {
            publisher.publish("t/x", "fresh", Qos.AT_LEAST_ONCE, 1);
            while (!missing.isEmpty()) {
                Packet.Publish publish = receiver.expect(Packet.Publish.class);
                String name = publish.message().payload().text();
                missing.remove(name);
                assertThat(moment.neverWritten()).doesNotContain(name);
                assertThat(moment.held().getOrDefault(publish.packetId(), name)).isEqualTo(name);
                receiver.puback(publish.packetId());
            }
        }
    }

    private static RunningGateway start(FaultDisk disk) {
        return RunningGateway.start(disk, RunningGateway.delayed(RunningGateway.settings(RunningGateway.LIMITS), LONG));
    }

    private static RawClient receiver(RunningGateway gateway) throws IOException {
        RawClient receiver = gateway.open(ProtocolVersion.MQTT_5);
        receiver.connect("receiver", false, Packets.receiveMaximum(ConnectProperties.NEVER_EXPIRES, MAY_HOLD));
        return receiver;
    }
}
