// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.CuttableProxy;
import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.load.LoadLedger;
import io.sluice.gateway.load.LoadSink;
import io.sluice.gateway.load.LoadSource;
import java.time.Duration;

/**
 * A plant whose messages cross a bridge to a real Mosquitto: publishers, the gateway, a link that can be cut, the broker and a subscriber
 * there. The numbers are those of the promise; the system properties {@code sluice.scenario.rate}, {@code .messages} and {@code .seconds}
 * make it smaller.
 *
 * <p>What Mosquitto loses by being killed is not the gateway's loss. Nothing acknowledged waits in its memory (it writes a message to the
 * subscriber's socket before it sends PUBACK, and what is in the socket survives its end); its sessions are saved before the load begins,
 * so that after the kill it keeps for the subscriber what arrives before that is back.
 */
final class Outage implements AutoCloseable {

    /** Of all publishers together. */
    static final int MESSAGES_PER_SECOND = Integer.getInteger("sluice.scenario.rate", 2_000);

    static final int MESSAGES = Integer.getInteger("sluice.scenario.messages", 120_000);
    static final int OUTAGE_SECONDS = Integer.getInteger("sluice.scenario.seconds", 20);
    static final Duration LIMIT = Duration.ofMinutes(3);

    private static final int PUBLISHERS = 50;
    private static final int PUBLISHER_WINDOW = 32;
    private static final int BRIDGE_WINDOW = 1_000;

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            bridges:
              cloud:
                upstream:
                  addresses: ["mqtt://127.0.0.1:UPSTREAM"]
                  keep-alive: 5s
                  connect-timeout: 5s
                  reconnect: {first: 100ms, last: 2s}
                  window: WINDOW
                rules: [{forward: "load/#", to: "site/{gateway}/load/#"}]
            """;

    final LoadLedger ledger = new LoadLedger();
    final Mosquitto upstream;
    final CuttableProxy link;
    final GatewayProcess gateway;
    final LoadSource source;
    private final LoadSink sink;

    Outage() {
        upstream = Mosquitto.startForCounting();
        link = new CuttableProxy(upstream.port());
        sink = new LoadSink(upstream.port(), "site/plant-7/load/#", ledger);
        upstream.save();
        gateway = GatewayProcess.start(
                YAML.replace("UPSTREAM", String.valueOf(link.port())).replace("WINDOW", String.valueOf(BRIDGE_WINDOW)));
        source = new LoadSource(gateway.port(), "load", PUBLISHERS, MESSAGES_PER_SECOND, ledger);
    }

    /** Returns when so many more messages have been acknowledged to the publishers. */
    void awaitAcknowledged(int messages) {
        source.awaitAcknowledged(ledger.balance().acknowledged() + messages, LIMIT);
    }

    /** Returns when so many have been acknowledged in all, and every one of them has arrived. */
    void finish(int messages) {
        source.awaitAcknowledged(messages, LIMIT);
        source.finish(LIMIT);
        sink.awaitEverything(LIMIT);
    }

    long reconnects() {
        return gateway.logged("bridge cloud: connected to") - 1;
    }

    /** Nothing lost, everything in order, and repeated at most what was under way when a connection ended. */
    void assertKept(String what) {
        LoadLedger.Balance balance = ledger.balance();
        long repeatedMax = BRIDGE_WINDOW * reconnects() + (long) PUBLISHER_WINDOW * source.reconnects();
        System.out.printf(
                "%s: %s; the bridge connected again %d times, the publishers %d%n%s",
                what, balance, reconnects(), source.reconnects(), gateway.log());
        assertThat(balance.lost()).as(ledger.explain()).isZero();
        assertThat(balance.outOfOrder()).as(ledger.explain()).isZero();
        assertThat(balance.duplicates()).isLessThanOrEqualTo((int) repeatedMax);
        assertThat(gateway.logged(" ERROR ")).isZero();
    }

    @Override
    public void close() {
        source.close();
        sink.close();
        gateway.close();
        link.close();
        upstream.close();
    }
}
