// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.GatewayProcess.Ended;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice journal} beside a gateway that goes on working, with the real program. */
@Tag("process")
final class JournalToolsTest {

    private static final int WAITING = 300;

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            bridges:
              cloud:
                upstream: {addresses: ["mqtt://127.0.0.1:1"]}
                rules: [{forward: "sensors/#"}]
            """;

    @TempDir
    Path dir;

    @Test
    void tools_whileTheGatewayWorks_tellWhatWaitsAndDisturbNothing() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.start(YAML);
                RawClient hmi = RawClient.durable(gateway.port(), "hmi");
                RawClient press = RawClient.connected(gateway.port(), "press-1")) {
            hmi.subscribe(1, "sensors/+", Qos.AT_LEAST_ONCE);
            hmi.disconnect();
            for (int i = 1; i <= WAITING; i++) {
                publish(press, i);
            }

            Ended inspected = GatewayProcess.run("journal", "inspect", String.valueOf(gateway.data()));
            assertThat(inspected.output().lines())
                    .anyMatch(line -> line.matches(" +\\d+  session +300 .*  hmi"))
                    .anyMatch(line -> line.matches(" +\\d+  bridge +300 .*  cloud: forward sensors/#.*"))
                    .anyMatch(line -> line.matches("0000000001.sluice .* open"));
            assertThat(inspected.status()).isZero();
            Ended json = GatewayProcess.run("journal", "inspect", "--json", String.valueOf(gateway.data()));
            assertThat(json.output())
                    .startsWith("{\"journalId\":")
                    .contains("\"kind\":\"session\",\"client\":\"hmi\",\"deliveries\":300,\"bytes\":");

            publish(press, WAITING + 1); // nothing holds the gateway up
            Ended verified = GatewayProcess.run("journal", "verify", String.valueOf(gateway.data()));
            assertThat(verified.output()).contains(" is whole: 1 segments, ");
            assertThat(verified.status()).isZero();

            Path file = dir.resolve("hmi.jsonl");
            Ended exported = GatewayProcess.run(
                    "journal", "export", "--owner", "hmi", "-o", file.toString(), String.valueOf(gateway.data()));
            assertThat(exported.output()).isEqualTo("301 lines are in " + file + "\n");
            List<String> lines = Files.readAllLines(file);
            for (int i = 1; i <= WAITING + 1; i++) {
                assertThat(lines.get(i - 1)).contains("\"topic\":\"sensors/press-1\"", "\"text\":\"value " + i + "\"");
            }

            gateway.kill();
            assertThat(GatewayProcess.run("journal", "verify", String.valueOf(gateway.data()))
                            .status())
                    .isZero();
            gateway.restart();
            assertThat(gateway.log()).doesNotContain("ERROR", "damage", "set aside");
            assertThat(gateway.terminate()).isZero();
        }
    }

    private static void publish(RawClient press, int i) throws IOException {
        press.publish("sensors/press-1", "value " + i, Qos.AT_LEAST_ONCE, i);
        press.expect(Packet.Puback.class);
    }

    @Test
    void journal_withoutACommand_saysWhatThereIs() {
        Ended ended = GatewayProcess.run("journal");
        assertThat(ended.output()).contains("inspect", "verify", "export", "None of these locks, writes or repairs");
        assertThat(GatewayProcess.run("journal", "inspect", dir.toString()))
                .isEqualTo(new Ended(2, "sluice: " + dir + ": no journal is there\n"));
    }
}
