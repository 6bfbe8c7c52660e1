// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.load.LoadLedger;
import io.sluice.gateway.load.LoadSink;
import io.sluice.gateway.load.LoadSource;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stopping as an operator does it, in the middle of the work. */
@Tag("process")
@Tag("wire")
final class StopTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            """;

    private final LoadLedger ledger = new LoadLedger();

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void gateway_stoppedUnderLoad_endsWellAndKeepsWhatItAcknowledged(String signal) {
        try (GatewayProcess gateway = GatewayProcess.start(YAML)) {
            new LoadSink(gateway.port(), "load/#", ledger).close();
            try (LoadSource source = new LoadSource(gateway.port(), "load", 20, 2_000, ledger)) {
                source.awaitAcknowledged(4_000, LIMIT);

                assertThat(gateway.end(signal)).isZero();

                assertThat(gateway.logged("stopped; everything acknowledged is on disk"))
                        .isEqualTo(1);
                gateway.restart();
                source.awaitAcknowledged(ledger.balance().acknowledged() + 2_000, LIMIT);
                source.finish(LIMIT);
            }
            assertThat(ledger.balance().arrived()).isZero();
            try (LoadSink sink = new LoadSink(gateway.port(), "load/#", ledger)) {
                sink.awaitEverything(LIMIT);
            }
            assertThat(ledger.balance().outOfOrder()).as(ledger.explain()).isZero();
            assertThat(gateway.logged(" WARN ") + gateway.logged(" ERROR "))
                    .as(gateway.log())
                    .isZero();
        }
    }
}
