// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What all outboxes hold together, whatever each of them may. */
final class OutboxMemoryTest {

    private static final int BYTES = 1_000;
    private static final String TEXT = "x".repeat(BYTES);
    private static final long ALL = 100 * BYTES;

    private final JournalInMemory fixture = new JournalInMemory();
    private final Budget budget = new Budget("outboxes", ALL);
    private final OutboxMemory memory = new OutboxMemory(1_000, ALL, budget);
    private final List<Outbox> spent = new ArrayList<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Outbox transientOne() {
        Outbox outbox = Outbox.transientOne(fixture.journal(), memory);
        outbox.onSpent(() -> {
            spent.add(outbox);
            outbox.abandon();
        });
        return outbox;
    }

    private Outbox durable() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Outbox outbox = Outbox.durable(fixture.journal(), log, memory, 0);
        outbox.onSpent(() -> {
            spent.add(outbox);
            outbox.abandon();
        });
        outbox.unpark();
        return outbox;
    }

    private boolean offer(Outbox outbox, Message message) {
        Receivers receivers = new Receivers();
        boolean taken = outbox.offer(message, Qos.AT_LEAST_ONCE, false, List.of(), receivers);
        if (!receivers.isEmpty()) {
            fixture.journal().append(message, receivers, 0, 0, false, 0);
        }
        return taken;
    }

    private static Message message(String text) {
        return Packets.message("t", text, Qos.AT_LEAST_ONCE);
    }

    @Test
    void message_inManyOutboxes_countsOnce() {
        Message message = message(TEXT);
        List<Outbox> outboxes =
                IntStream.range(0, 50).mapToObj(any -> transientOne()).toList();
        outboxes.forEach(outbox -> offer(outbox, message));
        assertThat(budget.bytes()).isBetween((long) BYTES, 5L * BYTES);
        outboxes.forEach(outbox -> outbox.settle(0));
        assertThat(budget.bytes()).isZero();
    }

    @Test
    void transientOnes_togetherTooLarge_loseTheLargestAndKeepTheOthers() {
        Outbox small = transientOne();
        Outbox large = transientOne();
        offer(small, message(TEXT));
        for (int i = 0; i < 2 * ALL / BYTES && spent.isEmpty(); i++) {
            offer(large, message(TEXT));
        }
        assertThat(spent).containsExactly(large);
        assertThat(large.hasRoom()).isFalse();
        assertThat(offer(large, message(TEXT))).isFalse();
        assertThat(small.depth()).isEqualTo(1);
        assertThat(budget.bytes()).isLessThan(2L * BYTES);
        assertThat(budget.exhaustions()).isEqualTo(1);
    }

    @Test
    void durableOnes_togetherTooLarge_goOnFromDiskAndLoseNothing() {
        List<Outbox> outboxes = IntStream.range(0, 8).mapToObj(any -> durable()).toList();
        List<List<String>> got = outboxes.stream()
                .map(any -> (List<String>) new ArrayList<String>())
                .toList();
        SplittableRandom random = new SplittableRandom(7);
        int messages = 300;
        for (int i = 0; i < messages; i++) {
            String text = i + TEXT;
            outboxes.forEach(outbox -> offer(outbox, message(text))); // one object for each
            assertThat(budget.bytes()).isLessThanOrEqualTo(ALL);
            takeSome(outboxes, got, random);
        }
        fixture.executor().runUntil(() -> {
            fixture.loop().execute(() -> {}); // there is always a next turn
            takeSome(outboxes, got, random);
            assertThat(budget.bytes()).isLessThanOrEqualTo(ALL);
            return got.stream().allMatch(each -> each.size() == messages);
        });
        assertThat(spent).isEmpty();
        for (List<String> each : got) {
            assertThat(each)
                    .isEqualTo(
                            IntStream.range(0, messages).mapToObj(i -> i + TEXT).toList());
        }
        outboxes.forEach(Outbox::end);
        assertThat(budget.bytes()).isZero();
    }

    private static void takeSome(List<Outbox> outboxes, List<List<String>> got, SplittableRandom random) {
        int which = random.nextInt(outboxes.size());
        for (int i = random.nextInt(30); i > 0; i--) {
            Delivery delivery = outboxes.get(which).next();
            if (delivery == null) {
                return;
            }
            got.get(which).add(delivery.message().payload().text());
            outboxes.get(which).settle(delivery.sequence());
        }
    }

    @Test
    void durableOne_withEverythingUnderWay_isEndedAndGoesOnFromDisk() {
        Outbox idle = durable();
        Outbox hoarding = durable();
        for (int i = 0; i < 15; i++) {
            offer(hoarding, message(i + TEXT));
        }
        fixture.force();
        while (hoarding.next() != null) {
            // Sent, and never acknowledged.
        }
        assertThat(hoarding.underWay()).isEqualTo(15);
        memory.reserve(ALL); // others need all there is
        offer(idle, message(TEXT));
        assertThat(spent).contains(hoarding);
        assertThat(hoarding.depth()).isEqualTo(15);
        assertThat(hoarding.underWay()).isZero();
        memory.reserve(-ALL);

        hoarding.unpark();
        List<String> got = new ArrayList<>();
        fixture.executor().runUntil(() -> {
            for (Delivery each = hoarding.next(); each != null; each = hoarding.next()) {
                got.add(each.message().payload().text());
            }
            return got.size() == 15;
        });
        assertThat(got).isEqualTo(IntStream.range(0, 15).mapToObj(i -> i + TEXT).toList());
    }

    @Test
    void durableOne_withoutMemoryLeft_stillComesForwardOneByOne() {
        Outbox outbox = durable();
        memory.reserve(ALL - 1);
        for (int i = 0; i < 10; i++) {
            offer(outbox, message(i + TEXT));
        }
        List<String> got = new ArrayList<>();
        fixture.executor().runUntil(() -> {
            Delivery delivery = outbox.next();
            if (delivery != null) {
                got.add(delivery.message().payload().text());
                outbox.settle(delivery.sequence());
            }
            return got.size() == 10;
        });
        assertThat(got).isEqualTo(IntStream.range(0, 10).mapToObj(i -> i + TEXT).toList());
    }

    @Test
    void released_withoutMemoryLeft_areOneAtATime() {
        Outbox outbox = transientOne();
        for (int i = 0; i < 3; i++) {
            outbox.offer(
                    Packets.message("t", "" + i, Qos.EXACTLY_ONCE),
                    Qos.EXACTLY_ONCE,
                    false,
                    List.of(),
                    new Receivers());
        }
        Delivery first = outbox.next();
        assertThat(first).isNotNull();
        outbox.release(0);
        memory.reserve(ALL);
        assertThat(outbox.next()).isNull();
        outbox.settle(0);
        assertThat(outbox.next()).isNotNull();
    }
}
