// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.rules.BridgeRule;
import io.sluice.rules.Renaming;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two gateways, of which one fetches from the other and cannot write for a while. */
@Tag("wire")
@Timeout(60)
final class FetchOrderTest {

    private static final TopicFilter ALL = TopicFilter.of("up/#");
    private static final BridgeRule FETCH = new BridgeRule.Fetch(
            "all", ALL, Renaming.of(ALL, ALL), Qos.AT_LEAST_ONCE, true, true, BridgeRule.RetainHandling.SEND);
    private static final int MESSAGES = 40;

    private final FaultDisk disk = new FaultDisk();
    private final RunningGateway upstream = RunningGateway.start();
    private final Settings.Bridge bridge = RunningGateway.bridge("cloud", upstream.port(), List.of(FETCH));
    private final RunningGateway gateway = RunningGateway.start(disk, RunningGateway.settings(List.of(bridge)));

    @AfterEach
    void close() {
        disk.heal();
        gateway.close();
        upstream.close();
    }

    @Test
    void fetched_diskFullMeanwhile_comesInOrder() throws IOException {
        try (RawClient kept = gateway.durable("kept", ProtocolVersion.MQTT_5, false);
                RawClient local = gateway.connected("local");
                RawClient cloud = upstream.connected("cloud-publisher")) {
            kept.subscribe(1, "up/#", Qos.AT_LEAST_ONCE);
            cloud.send(Packets.publish(Packets.retained("up/ready", "ready", Qos.AT_LEAST_ONCE), 1_000));
            cloud.expect(Packet.Puback.class);
            kept.settle(kept.expect(Packet.Publish.class)); // the bridge is there

            fill(local);
            publish(cloud, 1, MESSAGES / 2);
            cloud.publish("up/passing", "passing", Qos.AT_MOST_ONCE, 0);
            assertThat(text(kept)).isEqualTo("passing"); // what was before it is there as well, and waits
            disk.heal();
            awaitRefusal(local, false);
            publish(cloud, MESSAGES / 2 + 1, MESSAGES);

            List<String> came = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                came.add(text(kept));
            }
            assertThat(came)
                    .isEqualTo(IntStream.rangeClosed(1, MESSAGES)
                            .mapToObj(String::valueOf)
                            .toList());
        }
    }

    /** Until nothing that must be written is let in. */
    private void fill(RawClient local) throws IOException {
        disk.limit(0);
        try (RawClient writes = gateway.open(ProtocolVersion.MQTT_5)) {
            writes.send(Packets.connect(
                    ProtocolVersion.MQTT_5,
                    "writes",
                    false,
                    Packet.ConnectProperties.withExpiry(Packet.ConnectProperties.NEVER_EXPIRES))); // never answered
            awaitRefusal(local, true);
        }
    }

    private static void awaitRefusal(RawClient local, boolean refused) throws IOException {
        boolean now = !refused;
        while (now != refused) {
            local.send(Packets.publish(Packets.message("nobody", "tries", Qos.AT_LEAST_ONCE), 1));
            now = local.expect(Packet.Puback.class).reason().isError();
        }
    }

    private static void publish(RawClient cloud, int from, int to) throws IOException {
        for (int i = from; i <= to; i++) {
            cloud.publish("up/x", String.valueOf(i), Qos.AT_LEAST_ONCE, i);
            cloud.expect(Packet.Puback.class);
        }
    }

    private static String text(RawClient kept) throws IOException {
        Packet.Publish publish = kept.expect(Packet.Publish.class);
        if (publish.packetId() != 0) {
            kept.settle(publish);
        }
        return publish.message().payload().text();
    }
}
