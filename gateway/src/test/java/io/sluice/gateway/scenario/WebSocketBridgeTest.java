// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.Certificates;
import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.WebSocketFront;
import io.sluice.gateway.load.LoadLedger;
import io.sluice.gateway.load.LoadSink;
import io.sluice.gateway.load.LoadSource;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bridge where only web traffic gets out: both directions through WebSockets, with and without TLS, to a real broker behind them. */
@Tag("process")
final class WebSocketBridgeTest {

    private static final int MESSAGES_PER_SECOND = 1_000;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            bridges:
              cloud:
                upstream: {addresses: ["ADDRESS"], TLS reconnect: {first: 100ms, last: 1s}}
                rules: [{forward: "load/#"}, {fetch: "load/#", to: "cloud/load/#", no-local: false}]
            """;

    private final LoadLedger ledger = new LoadLedger();

    @TempDir
    Path dir;

    @Test
    void ws_gatewayKilledInBetween_bringsEverythingUpAndDown() {
        try (Mosquitto upstream = Mosquitto.start("max_inflight_messages 500", "log_type subscribe");
                WebSocketFront front = new WebSocketFront(upstream.port())) {
            thereAndBack(upstream, front, YAML.replace("TLS", "").replace("ADDRESS", "ws://127.0.0.1:" + front.port()));
        }
    }

    @Test
    void wss_gatewayKilledInBetween_bringsEverythingUpAndDown() throws Exception {
        Certificates certificates = new Certificates(dir);
        certificates.authority("ca");
        certificates.certificate("server", "ca");
        try (Mosquitto upstream = Mosquitto.start("max_inflight_messages 500", "log_type subscribe");
                WebSocketFront front = new WebSocketFront(
                        upstream.port(), certificates.file("server.pem"), certificates.file("server.key"))) {
            String tls = "tls: {ca: " + certificates.file("ca.pem") + "},";
            String address = "wss://127.0.0.1:" + front.port() + "/mqtt";
            thereAndBack(upstream, front, YAML.replace("TLS", tls).replace("ADDRESS", address));
        }
    }

    private void thereAndBack(Mosquitto upstream, WebSocketFront front, String yaml) {
        try (GatewayProcess gateway = GatewayProcess.start(yaml);
                LoadSink sink = new LoadSink(gateway.port(), "cloud/load/#", ledger)) {
            upstream.awaitLogged("plant-7-cloud 1 load/#");
            try (LoadSource source = new LoadSource(gateway.port(), "load", 10, MESSAGES_PER_SECOND, ledger)) {
                source.awaitAcknowledged(2 * MESSAGES_PER_SECOND, LIMIT);
                gateway.kill();
                gateway.restart();
                source.awaitAcknowledged(4 * MESSAGES_PER_SECOND, LIMIT);
                source.finish(LIMIT);
                sink.awaitEverything(LIMIT);
            }

            assertThat(front.opened()).isEqualTo(2);
            assertThat(ledger.balance().lost()).isZero();
            assertThat(ledger.balance().outOfOrder()).as(ledger.explain()).isZero();
            assertThat(gateway.logged(" WARN ") + gateway.logged(" ERROR ")).isZero();
        }
    }
}
