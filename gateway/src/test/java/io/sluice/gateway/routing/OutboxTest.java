// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.journal.SyncDelays;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OutboxTest {

    private static final SyncDelays SLOW = new SyncDelays(Duration.ofSeconds(10), Duration.ZERO);
    private static final SyncDelays SETTLE = new SyncDelays(Duration.ZERO, Duration.ofSeconds(10));

    private final JournalInMemory fixture = new JournalInMemory();
    private final Receivers receivers = new Receivers();

    private final Budget budget = new Budget("outboxes", 1 << 20);

    private OutboxMemory memory(int countMax) {
        return new OutboxMemory(countMax, 1 << 20, budget);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void transientOne_full_saysSoAndKeepsWhatItHas() {
        Outbox outbox = Outbox.transientOne(fixture.journal(), memory(2));
        assertThat(offer(outbox, "1")).isTrue();
        assertThat(offer(outbox, "2")).isTrue();
        assertThat(outbox.hasRoom()).isFalse();
        assertThat(offer(outbox, "3")).isFalse();

        assertThat(drain(outbox)).containsExactly("1", "2");
        assertThat(outbox.underWay()).isEqualTo(2);
        outbox.settle(0);
        assertThat(outbox.depth()).isEqualTo(1);
        assertThat(offer(outbox, "4")).isTrue();
        outbox.settle(1);
        outbox.settle(1);
        assertThat(outbox.base()).isEqualTo(2);
    }

    @Test
    void durable_beyondItsMemory_givesEverythingInOrderFromTheJournal() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Outbox outbox = Outbox.durable(fixture.journal(), log, memory(8), 0);
        outbox.unpark();
        Deque<Delivery> underWay = new ArrayDeque<>();
        List<String> got = new ArrayList<>();
        int offered = 0;
        while (got.size() < 500) {
            for (int i = 0; i < 20 && offered < 500; i++) {
                assertThat(offer(outbox, "" + offered++)).isTrue();
            }
            fixture.force();
            for (Delivery delivery = outbox.next(); delivery != null; delivery = outbox.next()) {
                assertThat(delivery.repeated()).isFalse();
                got.add(delivery.message().payload().text());
                underWay.add(delivery);
            }
            assertThat(underWay).hasSizeLessThanOrEqualTo(8);
            for (int i = 0; i < 3 && !underWay.isEmpty(); i++) {
                outbox.settle(underWay.remove().sequence()); // the others stay under way
            }
        }
        assertThat(got).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "" + i).toList());
        underWay.forEach(delivery -> outbox.settle(delivery.sequence()));
        assertThat(outbox.depth()).isZero();
    }

    @Test
    void durable_fullWithDeliveriesUnderWay_goesOnWhereMemoryEnds() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Outbox outbox = Outbox.durable(fixture.journal(), log, memory(8), 0);
        outbox.unpark();
        for (int i = 0; i < 20; i++) {
            offer(outbox, "" + i);
        }
        fixture.force();
        assertThat(drain(outbox)).hasSize(8);
        boolean[] ready = {false};
        outbox.onReady(() -> ready[0] = true);
        outbox.settle(0);
        outbox.settle(1);
        fixture.executor().runUntil(() -> ready[0]);

        Delivery next = outbox.next();

        assertThat(next).isNotNull();
        assertThat(next.sequence()).isEqualTo(8);
        assertThat(next.repeated()).isFalse();
        assertThat(outbox.base()).isEqualTo(2);
    }

    @Test
    void durable_parkedAndUnparked_givesAgainWhatIsUnsettledAsRepeated() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Outbox outbox = Outbox.durable(fixture.journal(), log, memory(10), 0);
        outbox.unpark();
        for (int i = 0; i < 4; i++) {
            offer(outbox, "" + i);
        }
        fixture.force();
        assertThat(drain(outbox)).containsExactly("0", "1", "2", "3");
        outbox.settle(1);
        outbox.release(2);
        outbox.park();
        offer(outbox, "4");
        fixture.force();
        outbox.unpark();
        fixture.executor().runUntil(() -> outbox.waiting() == 3);

        assertThat(repeated(outbox.next())).isEqualTo("0 again");
        assertThat(repeated(outbox.next())).isEqualTo("3 again");
        assertThat(repeated(outbox.next())).isEqualTo("4");
        assertThat(outbox.next()).isNull();
        assertThat(outbox.released()).containsExactly(2L);
        assertThat(outbox.underWay()).isEqualTo(4);
    }

    /** The sequences go far ahead at each start, so that what was sent spans more of them than there are deliveries. */
    @Test
    void durable_sentBeforeAStartAndAfterIt_isRepeatedAfterTheNext() {
        FaultDisk disk = new FaultDisk();
        for (int lives = 1; lives <= 2; lives++) {
            try (JournalInMemory life = new JournalInMemory(disk)) {
                Outbox outbox = Outbox.durable(life.journal(), life.journal().outbox(1), memory(10), 10);
                outbox.unpark();
                offer(life, outbox, lives == 1 ? "first" : "second");
                int sent = lives;
                life.executor().runUntil(() -> outbox.waiting() == sent);
                life.force();
                assertThat(drain(outbox)).hasSize(sent);
            }
        }
        try (JournalInMemory life = new JournalInMemory(disk)) {
            Outbox outbox = Outbox.durable(life.journal(), life.journal().outbox(1), memory(10), 10);
            outbox.unpark();
            life.executor().runUntil(() -> outbox.waiting() == 2);
            assertThat(repeated(outbox.next())).isEqualTo("first again");
            assertThat(repeated(outbox.next())).isEqualTo("second again");
        }
    }

    @Test
    void durable_deliveryWithQos2_waitsUntilItIsForced() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Outbox outbox = Outbox.durable(fixture.journal(), log, memory(10), 0);
        outbox.unpark();
        fixture.force();
        fixture.disk().holdForces();
        boolean[] ready = {false};
        outbox.onReady(() -> ready[0] = true);
        offer(outbox, Packets.message("a", "x", Qos.EXACTLY_ONCE));
        assertThat(outbox.next()).isNull();

        fixture.disk().releaseForces();
        fixture.executor().runUntil(() -> ready[0]);

        assertThat(drain(outbox)).containsExactly("x");
    }

    /** Else one that has had a tail would have one for ever, where messages come quickly. */
    @Test
    void durable_deliveriesComeWhileTheLastOfTheTailIsWritten_hasNoTailAfterwards() {
        try (JournalInMemory slow = new JournalInMemory(new FaultDisk(), SLOW)) {
            OutboxLog log = slow.journal().outbox(slow.journal().newOwner());
            Outbox outbox = Outbox.durable(slow.journal(), log, memory(100), 0);
            for (int i = 0; i < 4; i++) {
                offer(slow, outbox, "" + i);
            }
            slow.force();
            offer(slow, outbox, "4"); // gathers
            outbox.unpark();
            slow.executor().runUntil(() -> outbox.waiting() == 4);
            assertThat(drain(outbox)).containsExactly("0", "1", "2", "3");
            offer(slow, outbox, "5"); // gathers, too
            assertThat(outbox.waiting()).isZero();
            boolean[] ready = {false};
            outbox.onReady(() -> {
                ready[0] = true;
                offer(slow, outbox, "6"); // in the next batch
            });
            slow.journal().hurry();
            slow.executor().runUntil(() -> ready[0]);

            assertThat(drain(outbox)).containsExactly("4", "5", "6");
        }
    }

    @Test
    void durable_stalledOrRewoundOrParked_hasWrittenWhatWaits() {
        List.<Consumer<Outbox>>of(Outbox::stall, Outbox::rewind, Outbox::park).forEach(end -> {
            try (JournalInMemory waiting = new JournalInMemory(new FaultDisk(), SETTLE)) {
                OutboxLog log = waiting.journal().outbox(waiting.journal().newOwner());
                Outbox outbox = Outbox.durable(waiting.journal(), log, memory(100), 0);
                outbox.settlesSoon(() -> true);
                outbox.unpark();
                long receipt = offer(waiting, outbox, "x");
                waiting.executor().run();
                assertThat(receipt).as("the receipt of one that waits").isNegative();
                assertThat(waiting.journal().isSafe(receipt)).isFalse();

                end.accept(outbox);

                waiting.executor().runUntil(() -> waiting.journal().isSafe(receipt));
            }
        });
    }

    /** The receipt. */
    private long offer(JournalInMemory to, Outbox outbox, String payload) {
        receivers.clear();
        Message message = Packets.message("a", payload, Qos.AT_LEAST_ONCE);
        outbox.offer(message, message.qos(), false, List.of(), receivers);
        return to.journal().keep(message, receivers);
    }

    @Test
    void dropped_underWay_staysUntilItIsAcknowledged() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Outbox outbox = Outbox.durable(fixture.journal(), log, memory(10), 0);
        outbox.unpark();
        for (int i = 0; i < 4; i++) {
            offer(outbox, "" + i);
        }
        fixture.force();
        assertThat(outbox.next()).isNotNull();

        outbox.dropped(0, 3);

        assertThat(outbox.underWay()).isEqualTo(1);
        assertThat(outbox.handedOut(0)).isNotNull();
        assertThat(drain(outbox)).containsExactly("3");
    }

    @Test
    void transientOne_spanOfAllIdentifiers_waitsForTheOldest() {
        Outbox outbox = Outbox.transientOne(fixture.journal(), memory(10));
        offer(outbox, "held");
        outbox.next();
        for (int i = 1; i < Outbox.PACKET_IDS; i++) {
            offer(outbox, "x");
            Delivery delivery = outbox.next();
            assertThat(delivery).isNotNull();
            outbox.settle(delivery.sequence());
        }
        offer(outbox, "next round");
        assertThat(outbox.next()).isNull();
        outbox.settle(0);
        assertThat(drain(outbox)).containsExactly("next round");
    }

    private boolean offer(Outbox outbox, String payload) {
        return offer(outbox, Packets.message("a", payload, Qos.AT_LEAST_ONCE));
    }

    private boolean offer(Outbox outbox, Message message) {
        receivers.clear();
        boolean taken = outbox.offer(message, message.qos(), false, List.of(), receivers);
        if (!receivers.isEmpty()) {
            fixture.journal().append(message, receivers, 0, 0, false, 0);
        }
        return taken;
    }

    private static List<String> drain(Outbox outbox) {
        List<String> payloads = new ArrayList<>();
        for (Delivery delivery = outbox.next(); delivery != null; delivery = outbox.next()) {
            payloads.add(delivery.message().payload().text());
        }
        return payloads;
    }

    private static String repeated(@Nullable Delivery delivery) {
        assertThat(delivery).isNotNull();
        return delivery.message().payload().text() + (delivery.repeated() ? " again" : "");
    }
}
