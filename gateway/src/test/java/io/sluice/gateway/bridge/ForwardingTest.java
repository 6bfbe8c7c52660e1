// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ForwardingTest extends BridgeHarness {

    @Test
    void pump_moreThanTheWindow_keepsToTheSmallerOfWindowAndReceiveMaximum() {
        start(SENSORS);
        MemoryBacklog backlog = backlog("sensors", "1", "2", "3", "4", "5", "6");
        connect(FakeUpstream.terms(3));
        assertThat(upstream.texts()).containsExactly("1", "2", "3");
        upstream.answer(ReasonCode.SUCCESS);
        upstream.answer(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        executor.run();
        assertThat(upstream.texts()).containsExactly("3", "4", "5");
        assertThat(backlog.settled()).containsExactly(1L, 2L);
    }

    @Test
    void pump_moreThanAPortion_goesOnInALaterTurn() {
        window = 1_000;
        start(SENSORS);
        MemoryBacklog backlog = backlog("sensors");
        for (int i = 0; i < Forwarding.PORTION + 1; i++) {
            backlog.add(Samples.message("sensors/x", "m" + i));
        }
        connect();
        assertThat(upstream.published).hasSize(Forwarding.PORTION);
        backlog("sensors", "last");
        assertThat(upstream.published)
                .as("the next portion is not sooner for what comes meanwhile")
                .hasSize(Forwarding.PORTION);
        executor.advance(Duration.ZERO);
        assertThat(upstream.texts()).hasSize(Forwarding.PORTION + 2).endsWith("last");
    }

    @Test
    void pump_largeMessages_makeSmallerPortions() {
        window = 1_000;
        start(SENSORS);
        backlog("sensors", "x".repeat(40_000), "x".repeat(40_000), "x".repeat(40_000));
        connect();
        assertThat(upstream.published).hasSize(2);
        executor.advance(Duration.ZERO);
        assertThat(upstream.published).hasSize(3);
    }

    @Test
    void published_windowThatWasFull_isFilledAgainWhenAQuarterIsFree() {
        window = 8;
        start(SENSORS);
        backlog("sensors", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
        connect();
        upstream.answer(ReasonCode.SUCCESS);
        executor.run();
        assertThat(upstream.published).hasSize(7);
        upstream.answer(ReasonCode.SUCCESS);
        executor.run();
        assertThat(upstream.published).hasSize(8);
        answerAll(ReasonCode.SUCCESS);
        assertThat(backlogs.get("sensors").depth()).isZero();
    }

    @Test
    void pump_upstreamThatDoesNotRead_waitsUntilItDoes() {
        start(SENSORS);
        upstream.writable = false;
        backlog("sensors", "1");
        connect();
        assertThat(upstream.published).isEmpty();
        upstream.writable = true;
        upstream.events.writable();
        executor.run();
        assertThat(upstream.texts()).containsExactly("1");
    }

    @Test
    void pump_severalRules_takesThemInTurn() {
        window = 4;
        start(SENSORS, Samples.forward("alarms", "alarms/#"));
        backlog("sensors", "s1", "s2", "s3", "s4", "s5");
        backlog("alarms", "a1", "a2");
        connect();
        assertThat(upstream.texts()).containsExactly("s1", "a1", "s2", "a2");
    }

    @Test
    void onReady_newDeliveryWhileRunning_isPublished() {
        start(SENSORS);
        connect();
        backlog("sensors", "1");
        assertThat(upstream.texts()).containsExactly("1");
    }

    @Test
    void closed_withDeliveriesUnderWay_publishesThemAgainInOrder() {
        Bridge bridge = start(SENSORS);
        MemoryBacklog backlog = backlog("sensors", "1", "2", "3");
        connect();
        upstream.answer(ReasonCode.SUCCESS);
        close(End.PEER);
        assertThat(backlog.rewinds()).isEqualTo(1);
        assertThat(bridge.status().underWay()).isZero();
        reconnect();
        assertThat(upstream.texts()).containsExactly("2", "3");
        assertThat(bridge.status().counts().reconnects()).isEqualTo(1);
    }

    @Test
    void published_ofAnEarlierConnection_isIgnored() {
        start(SENSORS);
        MemoryBacklog backlog = backlog("sensors", "1");
        connect();
        long token = upstream.published.getFirst().token();
        close(End.PEER);
        reconnect();
        upstream.events.published(token, ReasonCode.SUCCESS);
        executor.run();
        assertThat(backlog.settled()).isEmpty();
    }

    @Test
    void published_quotaExceeded_pausesTheRuleRetriesInOrderAndThenParks() {
        window = 2;
        Bridge bridge = start(SENSORS);
        MemoryBacklog backlog = backlog("sensors", "1", "2");
        connect();
        upstream.answer(ReasonCode.QUOTA_EXCEEDED);
        upstream.answer(ReasonCode.QUOTA_EXCEEDED);
        executor.run();
        assertThat(upstream.texts()).isEmpty();
        executor.advance(Forwarding.RETRY);
        assertThat(upstream.texts()).containsExactly("1", "2");
        upstream.answer(ReasonCode.SUCCESS);
        for (int i = 0; i < Lane.RETRIES_MAX; i++) {
            upstream.answer(ReasonCode.QUOTA_EXCEEDED);
            executor.advance(Duration.ofMinutes(1));
        }
        assertThat(parked).containsExactly("2 QUOTA_EXCEEDED");
        assertThat(upstream.texts()).isEmpty();
        assertThat(backlog.settled()).containsExactly(1L, 2L);
        assertThat(bridge.status().counts().retries()).isEqualTo(7);
    }

    @Test
    void published_refusedForGood_parksAndGoesOn() {
        start(SENSORS);
        MemoryBacklog backlog = backlog("sensors", "1", "2", "3", "4", "5");
        connect();
        upstream.answer(ReasonCode.TOPIC_NAME_INVALID);
        upstream.answer(ReasonCode.PAYLOAD_FORMAT_INVALID);
        upstream.answer(ReasonCode.NOT_AUTHORIZED);
        upstream.answer(ReasonCode.PACKET_TOO_LARGE);
        upstream.answer(ReasonCode.SUCCESS);
        assertThat(parked)
                .containsExactly(
                        "1 TOPIC_NAME_INVALID", "2 PAYLOAD_FORMAT_INVALID", "3 NOT_AUTHORIZED", "4 PACKET_TOO_LARGE");
        assertThat(backlog.settled()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void published_largerThanUpstreamTakes_isParked() {
        start(SENSORS);
        backlog("sensors", "large", "2");
        connect();
        upstream.answer(ReasonCode.PACKET_TOO_LARGE);
        executor.run();
        assertThat(parked).containsExactly("large PACKET_TOO_LARGE");
        assertThat(upstream.texts()).containsExactly("2");
    }

    @Test
    void pump_expiredMessage_isSettledAndCountedAndTheRestOfTheTimeIsSent() {
        Bridge bridge = start(SENSORS);
        MemoryBacklog backlog = backlog("sensors");
        backlog.add(Samples.message("sensors/x", "old", 5, 0));
        backlog.add(Samples.message("sensors/x", "young", 60, 0));
        executor.advance(Duration.ofSeconds(10));
        connect();
        assertThat(upstream.texts()).containsExactly("young");
        assertThat(upstream.published.getFirst().expirySeconds()).isEqualTo(50);
        assertThat(backlog.settled()).containsExactly(1L);
        assertThat(bridge.status().counts().expired()).isEqualTo(1);
    }

    @Test
    void pump_retainFlag_followsTheRuleAndWhatUpstreamOffers() {
        BridgeRule.Forward set = Samples.forward("set", "set/#", BridgeRule.Retain.SET, Optional.of(Qos.AT_LEAST_ONCE));
        start(set);
        backlog("set", "1");
        connect();
        assertThat(upstream.published.getFirst().retain()).isTrue();
        close(End.OTHER);
        executor.advance(Duration.ofMillis(200));
        connect(new Terms(false, 10, Qos.AT_MOST_ONCE, false, true));
        assertThat(upstream.published.getFirst().retain()).isFalse();
        assertThat(upstream.published.getFirst().qos()).isEqualTo(Qos.AT_MOST_ONCE);
    }

    @Test
    void pump_keepingQos_usesTheDeliverysOwnUpToOne() {
        start(Samples.forward("keep", "keep/#", BridgeRule.Retain.KEEP, Optional.empty()));
        backlog("keep", "1");
        connect();
        assertThat(upstream.published.getFirst().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
    }

    @Test
    void closed_byUpstreamThriceOverTheSameDelivery_sendsItAloneAndParksIt() {
        start(SENSORS);
        MemoryBacklog backlog = backlog("sensors", "poison", "2", "3");
        connect();
        for (int i = 0; i < Lane.DEATHS_MAX; i++) {
            assertThat(upstream.texts()).containsExactly("poison", "2", "3");
            close(End.PEER);
            reconnect();
        }
        assertThat(upstream.texts()).isEmpty();
        executor.advance(Forwarding.CALM);
        assertThat(upstream.texts()).containsExactly("poison");
        close(End.PEER);
        assertThat(parked).containsExactly("poison UNSPECIFIED_ERROR");
        assertThat(backlog.settled()).containsExactly(1L);
        reconnect();
        assertThat(upstream.texts()).containsExactly("2", "3");
    }

    @Test
    void suspect_answeredWhenSentAlone_isAcquittedAndTheWindowOpens() {
        start(SENSORS);
        backlog("sensors", "innocent", "2", "3");
        connect();
        for (int i = 0; i < Lane.DEATHS_MAX; i++) {
            close(End.PEER);
            reconnect();
        }
        executor.advance(Forwarding.CALM);
        upstream.answer(ReasonCode.SUCCESS);
        executor.run();
        assertThat(upstream.texts()).containsExactly("2", "3");
        assertThat(parked).isEmpty();
    }

    @Test
    void suspect_connectionLostWhileCalm_isNotParked() {
        start(SENSORS);
        backlog("sensors", "innocent");
        connect();
        for (int i = 0; i < Lane.DEATHS_MAX + 5; i++) {
            close(End.PEER);
            reconnect();
        }
        assertThat(parked).isEmpty();
    }

    @Test
    void closed_bySilence_accusesNobody() {
        start(SENSORS);
        backlog("sensors", "1", "2");
        connect();
        for (int i = 0; i < 10; i++) {
            close(End.OTHER);
            reconnect();
            assertThat(upstream.texts()).containsExactly("1", "2");
        }
        assertThat(parked).isEmpty();
    }

    @Test
    void pump_randomAnswersAndEnds_losesNothingAndKeepsTheOrderOfFirstAttempts() {
        for (long seed = 0; seed < 100; seed++) {
            new RandomRun(seed).run();
        }
    }

    /** A run of answers, refusals and ends drawn at random: everything is settled once, first attempts come in order. */
    private static final class RandomRun {
        private final BridgeHarness test = new BridgeHarness();
        private final SplittableRandom random;
        private final long seed;

        RandomRun(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
        }

        void run() {
            test.window = random.nextInt(1, 6);
            test.start(SENSORS, Samples.forward("alarms", "alarms/#"));
            test.connect();
            int sent = 0;
            while (sent < 60) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> test.backlog(random.nextBoolean() ? "sensors" : "alarms", "m" + ++sent);
                    case 2, 3 -> answer(ReasonCode.SUCCESS);
                    case 4 -> answer(ReasonCode.QUOTA_EXCEEDED);
                    default -> {
                        test.close(random.nextBoolean() ? End.PEER : End.OTHER);
                        test.reconnect();
                    }
                }
            }
            for (int i = 0; i < 40; i++) {
                test.answerAll(ReasonCode.SUCCESS);
                test.executor.advance(Duration.ofMinutes(2));
            }
            int settled = test.backlogs.values().stream()
                    .mapToInt(backlog -> backlog.settled().size())
                    .sum();
            assertThat(settled).as("seed %d, parked %s", seed, test.parked).isEqualTo(60);
        }

        private void answer(ReasonCode reason) {
            if (!test.upstream.published.isEmpty()) {
                test.upstream.answer(reason);
                test.executor.run();
            }
        }
    }
}
