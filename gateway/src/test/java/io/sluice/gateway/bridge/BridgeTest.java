// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BridgeTest extends BridgeHarness {

    @Test
    void start_closedAgainAndAgain_triesAddressesInTurnAfterPauses() {
        Bridge bridge = start(SENSORS);
        for (int i = 0; i < 3; i++) {
            close(End.OTHER);
            assertThat(bridge.status().state()).isEqualTo(BridgeStatus.State.WAITING);
            executor.advance(Duration.ofMillis(200));
        }
        assertThat(upstream.attempts).containsExactly(URI.create(A), URI.create(B), URI.create(A), URI.create(B));
        assertThat(bridge.status().counts().failures()).isEqualTo(3);
        assertThat(executor.timers()).isZero();
    }

    @Test
    void connected_noFetchRules_runsAtOnce() {
        Bridge bridge = start(SENSORS);
        assertThat(bridge.status().state()).isEqualTo(BridgeStatus.State.CONNECTING);
        connect();
        assertThat(bridge.status().state()).isEqualTo(BridgeStatus.State.RUNNING);
    }

    @Test
    void connected_withFetchRules_forwardsOnlyWhenAllSubscriptionsAreAnswered() {
        BridgeRule.Fetch first = Samples.fetch("settings", "settings/#");
        BridgeRule.Fetch second = Samples.fetch("commands", "commands/#");
        Bridge bridge = start(SENSORS, first, second);
        backlog("sensors", "1");
        connect();
        assertThat(upstream.subscriptions).containsExactly(first, second);
        upstream.events.subscribed(first, ReasonCode.GRANTED_QOS_1);
        executor.run();
        assertThat(upstream.published).isEmpty();
        upstream.events.subscribed(second, ReasonCode.NOT_AUTHORIZED);
        executor.run();
        assertThat(bridge.status().state()).isEqualTo(BridgeStatus.State.RUNNING);
        assertThat(upstream.texts()).containsExactly("1");
    }

    @Test
    void subscribe_neverAnswered_givesTheConnectionUp() {
        start(Samples.fetch("settings", "settings/#"));
        connect();
        executor.advance(Duration.ofSeconds(5));
        assertThat(upstream.disconnects).isEqualTo(1);
    }

    @Test
    void fetched_matchingOneRule_isAcknowledgedWhenDurable() {
        Bridge bridge = start(Samples.fetch("settings", "settings/#"));
        connect();
        Fetched fetched = new Fetched(1, 7, Samples.message("settings/a", "on"), List.of(1));
        upstream.events.fetched(fetched);
        assertThat(taken).hasSize(1);
        assertThat(upstream.acknowledged).isEmpty();
        durables.getFirst().run();
        assertThat(upstream.acknowledged).containsExactly(fetched);
        assertThat(bridge.status().counts().fetched()).isEqualTo(1);
    }

    @Test
    void fetched_overlappingRulesWithoutIdentifiers_givesEachACopyAndIsAcknowledgedOnce() {
        start(Samples.fetch("all", "settings/#"), Samples.fetch("one", "settings/+"), Samples.fetch("no", "other"));
        connect();
        Fetched fetched = new Fetched(1, 7, Samples.message("settings/a", "on"), List.of());
        upstream.events.fetched(fetched);
        assertThat(durables).hasSize(2);
        durables.get(1).run();
        assertThat(upstream.acknowledged).isEmpty();
        durables.get(0).run();
        assertThat(upstream.acknowledged).containsExactly(fetched);
    }

    @Test
    void fetched_withIdentifiers_belongsToThoseRulesOnly() {
        start(Samples.fetch("all", "settings/#"), Samples.fetch("one", "settings/+"));
        connect();
        upstream.events.fetched(new Fetched(1, 7, Samples.message("settings/a", "on"), List.of(2)));
        assertThat(taken).hasSize(1);
    }

    @Test
    void fetched_forNoRule_isAcknowledgedAndCounted() {
        Bridge bridge = start(Samples.fetch("settings", "settings/#"));
        connect();
        Fetched fetched = new Fetched(1, 7, Samples.message("old/a", "on"), List.of(1));
        upstream.events.fetched(fetched);
        assertThat(upstream.acknowledged).containsExactly(fetched);
        assertThat(taken).isEmpty();
        assertThat(bridge.status().counts().refused()).isEqualTo(1);
    }

    @Test
    void fetched_moreThanThereIsRoomFor_turnsAwayFromUpstreamUntilThereIs() {
        start(Samples.fetch("settings", "settings/#"));
        connect();
        room = false;
        upstream.events.fetched(new Fetched(1, 7, Samples.message("settings/a", "on"), List.of(1)));
        assertThat(taken).hasSize(1);
        assertThat(upstream.listening).isFalse();
        executor.advance(Duration.ofSeconds(1));
        assertThat(upstream.listening).isFalse();
        room = true;
        executor.advance(Duration.ofSeconds(1));
        assertThat(upstream.listening).isTrue();
    }

    @Test
    void close_whileUnderWay_waitsForTheAnswersThenDisconnects() {
        Bridge bridge = start(SENSORS);
        backlog("sensors", "1", "2");
        connect();
        List<String> said = new ArrayList<>();
        bridge.close(() -> said.add("closed"));
        upstream.answer(ReasonCode.SUCCESS);
        assertThat(upstream.disconnects).isZero();
        upstream.answer(ReasonCode.SUCCESS);
        executor.run();
        assertThat(upstream.disconnects).isEqualTo(1);
        close(End.OTHER);
        assertThat(said).containsExactly("closed");
        assertThat(bridge.status().state()).isEqualTo(BridgeStatus.State.CLOSED);
        assertThat(executor.timers()).isZero();
    }

    @Test
    void close_unanswered_disconnectsAfterTwoSeconds() {
        Bridge bridge = start(SENSORS);
        backlog("sensors", "1");
        connect();
        bridge.close(() -> {});
        executor.advance(Duration.ofSeconds(2));
        assertThat(upstream.disconnects).isEqualTo(1);
        backlog("sensors", "2");
        assertThat(upstream.texts()).containsExactly("1");
    }

    @Test
    void close_whileWaiting_isImmediate() {
        Bridge bridge = start(SENSORS);
        close(End.OTHER);
        List<String> said = new ArrayList<>();
        bridge.close(() -> said.add("closed"));
        executor.advance(Duration.ofMinutes(1));
        assertThat(said).containsExactly("closed");
        assertThat(upstream.attempts).hasSize(1);
    }
}
