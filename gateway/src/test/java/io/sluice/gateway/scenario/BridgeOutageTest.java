// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The main promise: an uplink that goes away in one of the ways in which uplinks do, under the load of a plant. */
@Tag("process")
final class BridgeOutageTest {

    private static final int BEFORE = Outage.MESSAGES / 4;
    private static final int DURING = Outage.MESSAGES_PER_SECOND * Outage.OUTAGE_SECONDS;
    private static final int CUTS = 10;

    @Test
    void bridge_upstreamKilledFor20s_losesNothing() {
        try (Outage outage = new Outage()) {
            outage.awaitAcknowledged(BEFORE);
            outage.upstream.kill();
            outage.awaitAcknowledged(DURING);
            outage.upstream.restart();
            outage.finish(Outage.MESSAGES);

            outage.assertKept("upstream killed");
            assertThat(outage.source.reconnects()).isZero();
            assertThat(outage.reconnects()).isEqualTo(1);
            assertThat(outage.gateway.logged(" WARN ")).isEqualTo(1);
        }
    }

    @Test
    void bridge_upstreamFrozenFor20s_losesNothing() {
        try (Outage outage = new Outage()) {
            outage.awaitAcknowledged(BEFORE);
            outage.upstream.freeze();
            outage.awaitAcknowledged(DURING);
            assertThat(outage.gateway.logged("bridge cloud: connection lost")).isEqualTo(1);
            outage.upstream.thaw();
            outage.finish(Outage.MESSAGES);

            outage.assertKept("upstream frozen");
            assertThat(outage.source.reconnects()).isZero();
            assertThat(outage.reconnects()).isPositive();
        }
    }

    @Test
    void bridge_linkCutInMidPacketAndThenFor20s_losesNothing() {
        try (Outage outage = new Outage()) {
            outage.awaitAcknowledged(BEFORE);
            for (int cut = 1; cut <= CUTS; cut++) {
                long connected = outage.reconnects();
                outage.link.cutAfter(10_007 + 1_009L * cut);
                while (outage.reconnects() == connected) {
                    outage.awaitAcknowledged(1);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                }
            }
            outage.link.refuse();
            outage.awaitAcknowledged(DURING);
            outage.link.pass();
            outage.finish(Outage.MESSAGES);

            outage.assertKept("link cut");
            assertThat(outage.source.reconnects()).isZero();
            assertThat(outage.reconnects()).isGreaterThanOrEqualTo(CUTS + 1);
        }
    }

    @Test
    void bridge_gatewayKilledWhileUpstreamIsAway_losesNothing() {
        try (Outage outage = new Outage()) {
            outage.awaitAcknowledged(BEFORE);
            outage.upstream.kill();
            outage.awaitAcknowledged(DURING / 2);
            outage.gateway.kill();
            outage.gateway.restart();
            outage.awaitAcknowledged(DURING / 2);
            outage.upstream.restart();
            outage.finish(Outage.MESSAGES);

            outage.assertKept("upstream and gateway killed");
            assertThat(outage.source.reconnects()).isPositive();
        }
    }
}
