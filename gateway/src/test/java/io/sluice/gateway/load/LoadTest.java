// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.CuttableProxy;
import io.sluice.gateway.Mosquitto;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load's fixtures against Mosquitto alone, where nothing is lost unless the fixtures lose it. */
final class LoadTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    private final LoadLedger ledger = new LoadLedger();

    @Test
    void load_undisturbed_arrivesOnceAndInOrder() {
        try (Mosquitto broker = Mosquitto.start("max_inflight_messages 1000");
                LoadSink sink = new LoadSink(broker.port(), "load/#", ledger);
                LoadSource source = new LoadSource(broker.port(), "load", 50, 2_000, ledger)) {
            source.awaitAcknowledged(4_000, LIMIT);
            source.finish(LIMIT);
            sink.awaitEverything(LIMIT);

            LoadLedger.Balance balance = ledger.balance();
            assertThat(balance.acknowledged()).isGreaterThanOrEqualTo(4_000);
            assertThat(balance.arrived()).isEqualTo(balance.acknowledged());
            assertThat(balance.duplicates()).isZero();
            assertThat(balance.outOfOrder()).isZero();
            assertThat(source.reconnects()).isZero();
        }
    }

    @Test
    void load_connectionsCut_goesOnWithWhatWasNotAcknowledged() {
        try (Mosquitto broker = Mosquitto.start("max_inflight_messages 1000");
                CuttableProxy proxy = new CuttableProxy(broker.port());
                LoadSink sink = new LoadSink(broker.port(), "load/#", ledger);
                LoadSource source = new LoadSource(proxy.port(), "load", 10, 1_000, ledger)) {
            source.awaitAcknowledged(500, LIMIT);
            proxy.cut();
            source.awaitAcknowledged(1_000, LIMIT);
            proxy.cutAfter(1_001);
            source.awaitAcknowledged(1_500, LIMIT);
            source.finish(LIMIT);
            sink.awaitEverything(LIMIT);

            assertThat(ledger.balance().outOfOrder()).as(ledger.explain()).isZero();
            assertThat(source.reconnects()).isGreaterThanOrEqualTo(10);
        }
    }

    @Test
    void sink_brokerStoppedAndStarted_keepsItsSession() {
        try (Mosquitto broker = Mosquitto.start(
                        "max_inflight_messages 1000", "persistence true", "persistence_location " + dir + "/");
                LoadSink sink = new LoadSink(broker.port(), "load/#", ledger);
                LoadSource source = new LoadSource(broker.port(), "load", 10, 1_000, ledger)) {
            source.awaitAcknowledged(500, LIMIT);
            broker.stop();
            broker.restart();
            source.awaitAcknowledged(1_000, LIMIT);
            source.finish(LIMIT);
            sink.awaitEverything(LIMIT);

            assertThat(source.reconnects()).isGreaterThanOrEqualTo(10);
        }
    }
}
