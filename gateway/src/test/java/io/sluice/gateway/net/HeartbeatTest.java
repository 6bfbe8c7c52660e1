// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.loop.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

    private final ManualExecutor executor = new ManualExecutor();
    private final Loop loop = new Loop(executor);
    private final List<String> said = new ArrayList<>();
    private final Heartbeat heartbeat = new Heartbeat(
            loop, Duration.ofSeconds(20), () -> said.add("ping " + executor.millis()), () -> said.add("silent"));

    @BeforeEach
    void start() {
        executor.run();
        heartbeat.start();
    }

    @Test
    void beats_nothingSent_pingsWithinTheKeepAlive() {
        heartbeat.sent();
        for (int second = 0; second < 20; second++) {
            heartbeat.received();
            executor.advance(Duration.ofSeconds(1));
        }
        assertThat(said.getFirst()).isEqualTo("ping 15000");
    }

    @Test
    void beats_sentAndReceivedAllTheTime_saysNothing() {
        for (int second = 0; second < 200; second++) {
            heartbeat.sent();
            heartbeat.received();
            executor.advance(Duration.ofSeconds(1));
        }
        assertThat(said).isEmpty();
    }

    @Test
    void beats_sentAllTheTimeAndNothingReceived_pingsOnceAndGivesUp() {
        for (int second = 0; second < 60; second++) {
            heartbeat.sent();
            executor.advance(Duration.ofSeconds(1));
        }
        assertThat(said).hasSize(2).last().isEqualTo("silent");
        assertThat(executor.timers()).isZero();
    }

    @Test
    void beats_nothingReceivedBecauseNobodyListens_keepsTheConnection() {
        heartbeat.deaf(true);
        executor.advance(Duration.ofMinutes(10));
        assertThat(said).hasSizeGreaterThan(10).doesNotContain("silent");
    }

    @Test
    void beats_eachPingAnswered_goesOnForEver() {
        for (int second = 0; second < 200; second++) {
            int before = said.size();
            executor.advance(Duration.ofSeconds(1));
            if (said.size() > before) {
                heartbeat.sent();
                heartbeat.received();
            }
        }
        assertThat(said).hasSizeGreaterThan(5).doesNotContain("silent");
    }

    @Test
    void stop_endsIt() {
        heartbeat.stop();
        executor.advance(Duration.ofHours(1));
        assertThat(said).isEmpty();
    }
}
