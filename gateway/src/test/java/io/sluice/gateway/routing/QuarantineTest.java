// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A delivery at which the process dies each time it is handed out. */
final class QuarantineTest {

    private static final long OWNER = 1;

    private FaultDisk disk = new FaultDisk();

    private void write() {
        try (JournalInMemory life = new JournalInMemory(disk)) {
            assertThat(life.journal().newOwner()).isEqualTo(OWNER);
            life.journal().put(new DurableState.BridgeState(OWNER, "cloud", "all"), 0);
            Outbox outbox = outbox(life);
            for (String text : new String[] {"first", "deadly", "last"}) {
                Receivers receivers = new Receivers();
                Message message = Packets.message("sensors/1", text, Qos.AT_LEAST_ONCE);
                outbox.offer(message, Qos.AT_LEAST_ONCE, false, List.of(), receivers);
                life.journal().append(message, receivers, 0, 0, false, 0);
            }
            life.force();
        }
    }

    private static Outbox outbox(JournalInMemory life) {
        OutboxLog log = life.journal().outbox(OWNER);
        Outbox outbox =
                Outbox.durable(life.journal(), log, new OutboxMemory(100, 1 << 20, new Budget("outboxes", 1 << 20)), 0);
        outbox.unpark();
        return outbox;
    }

    /** What is handed out in one task until a delivery kills, which the process notes as it dies; or all, if none does. */
    private List<String> live(String deadly) {
        List<String> handed = new ArrayList<>();
        try (JournalInMemory life = new JournalInMemory(disk)) {
            Outbox outbox = outbox(life);
            life.executor().runUntil(() -> outbox.waiting() > 0);
            for (Delivery delivery = outbox.next(); delivery != null; delivery = outbox.next()) {
                handed.add(delivery.message().payload().text());
                if (handed.getLast().equals(deadly)) {
                    life.journal().quarantine().dying();
                    break;
                }
            }
            life.force();
        }
        return handed;
    }

    /** The same of a shared subscription's outbox, whose deliveries a session gets under other sequences each time. */
    private List<String> lend(String deadly) {
        List<String> handed = new ArrayList<>();
        try (JournalInMemory life = new JournalInMemory(disk)) {
            OutboxMemory memory = new OutboxMemory(100, 1 << 20, new Budget("outboxes", 1 << 20));
            SubscriptionTree tree = new SubscriptionTree();
            Router router = new Router(life.journal(), tree, new RetainedMessages(10, 1 << 20));
            ShareGroups groups = new ShareGroups(life.loop(), life.journal(), router, tree, memory);
            ShareGroup group = new ShareGroup(
                    groups, TopicFilter.of("$share/crew/#"), Outbox.transientOne(life.journal(), memory));
            Outbox shared = outbox(life);
            OutboxLog log = life.journal().outbox(life.journal().newOwner());
            Outbox session = Outbox.durable(life.journal(), log, memory, 0);
            session.unpark();
            life.executor().runUntil(() -> shared.waiting() > 0);
            for (Delivery lent = shared.take(); lent != null; lent = shared.take()) {
                session.borrow(lent.message(), lent.qos(), false, List.of(), new Loan(group, shared, lent));
                life.force(); // the session's sequence is reserved
            }
            for (Delivery delivery = session.next(); delivery != null; delivery = session.next()) {
                handed.add(delivery.message().payload().text());
                if (handed.getLast().equals(deadly)) {
                    life.journal().quarantine().dying();
                    break;
                }
            }
            life.force();
        }
        return handed;
    }

    private List<String> quarantine() {
        try (JournalInMemory life = new JournalInMemory(disk)) {
            List<String> names = new ArrayList<>();
            life.journal().upkeep().outboxes().stream()
                    .filter(log -> log.depth() > 0)
                    .forEach(log -> names.add(log.name() + "=" + log.depth()));
            return names;
        }
    }

    @Test
    void delivery_threeDeathsInARow_isSetAsideAndTheRestGoesOn() {
        write();
        for (int death = 1; death <= 3; death++) {
            assertThat(live("deadly")).as("death %d", death).containsExactly("first", "deadly");
        }
        assertThat(live("deadly")).containsExactly("first", "last");
        assertThat(quarantine()).containsExactly("cloud: all=2", "(quarantine): set aside=1");
        assertThat(live("deadly")).containsExactly("first", "last");
        assertThat(quarantine()).containsExactly("cloud: all=2", "(quarantine): set aside=1");
    }

    @Test
    void delivery_lentToAMember_isKnownByTheOutboxFromWhichItIsLent() {
        write();
        for (int death = 1; death <= 3; death++) {
            assertThat(lend("deadly")).as("death %d", death).containsExactly("first", "deadly");
        }
        assertThat(lend("deadly")).containsExactly("first", "last");
        assertThat(quarantine()).containsExactly("cloud: all=2", "(quarantine): set aside=1");
    }

    @Test
    void delivery_deathsAtDifferentOnes_isNotSetAside() {
        write();
        for (String deadly : new String[] {"deadly", "deadly", "last", "deadly", "deadly"}) {
            live(deadly);
        }
        assertThat(live("none")).containsExactly("first", "deadly", "last");
    }

    @Test
    void death_betweenDeliveries_accusesNone() {
        write();
        for (int death = 1; death <= 4; death++) {
            try (JournalInMemory life = new JournalInMemory(disk)) {
                Outbox outbox = outbox(life);
                life.executor().runUntil(() -> outbox.waiting() > 0);
                assertThat(outbox.next()).isNotNull();
                life.loop().execute(() -> {});
                life.executor().run(); // another task
                life.journal().quarantine().dying();
            }
        }
        assertThat(live("none")).containsExactly("first", "deadly", "last");
    }

    @Test
    void deaths_fileTorn_isNotBelieved() {
        write();
        for (int death = 1; death <= 3; death++) {
            live("deadly");
        }
        disk.put("deaths", new byte[20]);
        assertThat(live("none")).containsExactly("first", "deadly", "last");
    }
}
