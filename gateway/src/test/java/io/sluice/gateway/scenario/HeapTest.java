// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the configuration says of memory, and what the process makes of it. */
@Tag("process")
final class HeapTest {

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            limits: {memory: 160MiB}
            listeners: {local: {port: PORT}}
            """;

    private static final long MIB = 1 << 20;

    @Test
    void memory_ofTheConfiguration_isSharedOut() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.start(YAML)) {
            assertThat(statistic(gateway, "memory/outboxes/maximum")).isEqualTo(15 * MIB);
            assertThat(statistic(gateway, "memory/state/maximum")).isEqualTo(25 * MIB);
            assertThat(statistic(gateway, "memory/sockets/maximum")).isEqualTo(20 * MIB);
            if (System.getProperty("sluice.executable", "").isEmpty()) {
                gateway.awaitLogged("'memory' means it to have 80", 1);
            } else {
                assertThat(statistic(gateway, "heap/maximum")).isEqualTo(80 * MIB);
            }
            assertThat(gateway.terminate()).isZero();
        }
    }

    @Test
    void memory_withLessFromTheCommandLine_isSharedOutOfThat() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.startWithHeap("48m", YAML)) {
            assertThat(statistic(gateway, "memory/outboxes/maximum")).isBetween(8 * MIB, 9 * MIB);
            gateway.awaitLogged("'memory' means it to have 80", 1);
        }
    }

    private static long statistic(GatewayProcess gateway, String name) throws IOException {
        try (RawClient reader = RawClient.connected(gateway.port(), "reader")) {
            reader.subscribe(1, "$SYS/broker/" + name, Qos.AT_MOST_ONCE);
            Packet.Publish publish = reader.expect(Packet.Publish.class);
            return Long.parseLong(publish.message().payload().text());
        }
    }
}
