// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a bridge is told of a message that it has fetched, on a real journal. */
final class FetchInletTest {

    private static final BridgeRule.Fetch RULE = Samples.fetch("all", "#");
    private static final int RETAINED_MAX = 1;

    private final List<String> durable = new ArrayList<>();

    private FetchInlet inlet(JournalInMemory fixture) {
        Journal journal = fixture.journal();
        SubscriptionTree tree = new SubscriptionTree();
        RetainedMessages retained = new RetainedMessages(RETAINED_MAX, 1 << 20);
        Router router = new Router(journal, tree, retained);
        OutboxMemory memory = new OutboxMemory(100, 1 << 20, new Budget("outboxes", 1 << 20));
        new BridgeOutboxes(journal, router, tree, retained, memory, Map.of())
                .open("other", Samples.forward("all", "#"));
        fixture.force();
        return new FetchInlet("cloud", journal, router, 1 << 20);
    }

    private Inlet.Answer take(FetchInlet inlet, Message message) {
        return inlet.take(RULE, message, () -> durable.add(message.payload().text()));
    }

    private static Message message(String payload) {
        return Packets.message("a", payload, Qos.AT_LEAST_ONCE);
    }

    @Test
    void taken_isSafeOnlyWhenItIsForced() {
        try (JournalInMemory fixture = new JournalInMemory()) {
            FetchInlet inlet = inlet(fixture);
            fixture.disk().holdForces();
            assertThat(take(inlet, message("held"))).isEqualTo(Inlet.Answer.TAKEN);
            fixture.executor().run();
            assertThat(durable).isEmpty();
            fixture.disk().releaseForces();
            fixture.force();
            assertThat(durable).containsExactly("held");
        }
    }

    @Test
    void diskFull_message_isRefusedForNow() {
        try (JournalInMemory fixture = new JournalInMemory()) {
            FetchInlet inlet = inlet(fixture);
            fixture.disk().limit(0);
            take(inlet, message("fills it"));
            fixture.executor().runUntil(fixture.journal()::isBlocked);
            assertThat(take(inlet, message("too much"))).isEqualTo(Inlet.Answer.LATER);
            assertThat(inlet.hasRoom())
                    .as("what upstream acknowledges must still come")
                    .isTrue();
            fixture.disk().heal();
            fixture.executor().runUntil(() -> !fixture.journal().isBlocked());
            assertThat(take(inlet, message("too much"))).isEqualTo(Inlet.Answer.TAKEN);
            fixture.force();
            assertThat(durable).containsExactly("fills it", "too much");
        }
    }

    /** One retained message too many must not keep upstream from all that follows. */
    @Test
    void retainedMessagesFull_message_isRefusedForGoodAndAnsweredInItsTurn() {
        try (JournalInMemory fixture = new JournalInMemory()) {
            FetchInlet inlet = inlet(fixture);
            fixture.disk().holdForces();
            take(inlet, Packets.retained("r/1", "first", Qos.AT_LEAST_ONCE));
            assertThat(take(inlet, Packets.retained("r/2", "second", Qos.AT_LEAST_ONCE)))
                    .isEqualTo(Inlet.Answer.REFUSED);
            fixture.executor().run();
            assertThat(durable).isEmpty();
            fixture.disk().releaseForces();
            fixture.force();
            assertThat(durable).containsExactly("first", "second");
        }
    }
}
