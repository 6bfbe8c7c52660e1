// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.load.LoadLedger;
import io.sluice.gateway.load.LoadSink;
import io.sluice.gateway.load.LoadSource;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The other direction: what upstream has acknowledged to its publishers arrives at a durable session here, whatever ends in between. */
@Tag("process")
final class FetchTest {

    private static final int MESSAGES_PER_SECOND = 1_000;
    private static final int KILLS = 3;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            bridges:
              cloud:
                upstream: {addresses: ["mqtt://127.0.0.1:UPSTREAM"], reconnect: {first: 100ms, last: 1s}}
                rules: [{fetch: "load/#", to: "cloud/load/#"}]
            """;

    private final LoadLedger ledger = new LoadLedger();

    @Test
    void fetch_gatewayKilledAgainAndAgain_bringsEverythingInOrder() {
        try (Mosquitto upstream = Mosquitto.start("max_inflight_messages 500", "log_type subscribe");
                GatewayProcess gateway =
                        GatewayProcess.start(YAML.replace("UPSTREAM", String.valueOf(upstream.port())));
                LoadSink sink = new LoadSink(gateway.port(), "cloud/load/#", ledger)) {
            upstream.awaitLogged("plant-7-cloud 1 load/#");
            try (LoadSource source = new LoadSource(upstream.port(), "load", 10, MESSAGES_PER_SECOND, ledger)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    source.awaitAcknowledged(acknowledged() + 2 * MESSAGES_PER_SECOND, LIMIT);
                    gateway.kill();
                    source.awaitAcknowledged(acknowledged() + MESSAGES_PER_SECOND, LIMIT);
                    gateway.restart();
                }
                source.awaitAcknowledged(acknowledged() + MESSAGES_PER_SECOND, LIMIT);
                source.finish(LIMIT);
                sink.awaitEverything(LIMIT);
            }

            System.out.println("fetched: " + ledger.balance() + "\n" + gateway.log());
            assertThat(ledger.balance().lost()).isZero();
            assertThat(ledger.balance().outOfOrder()).as(ledger.explain()).isZero();
            assertThat(gateway.logged(" WARN ") + gateway.logged(" ERROR ")).isZero();
        }
    }

    private int acknowledged() {
        return ledger.balance().acknowledged();
    }
}
