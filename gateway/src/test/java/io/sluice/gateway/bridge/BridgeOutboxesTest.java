// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.SyncDelays;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Delivery;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.rules.BridgeRule;
import io.sluice.rules.Renaming;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BridgeOutboxesTest {

    private static final SyncDelays LONG = new SyncDelays(Duration.ZERO, Duration.ofSeconds(10));
    private static final TopicFilter ALL = TopicFilter.of("#");
    private static final BridgeRule.Forward RULE = new BridgeRule.Forward(
            "all", ALL, Renaming.of(ALL, ALL), Optional.of(Qos.AT_LEAST_ONCE), BridgeRule.Retain.KEEP, List.of());

    /** It is settled in the rule's outbox when it is parked, which must not be taken for settled by everybody. */
    @Test
    void messageThatWaits_parked_isAcknowledgedOnlyWhenItIsForced() {
        try (JournalInMemory fixture = new JournalInMemory(new FaultDisk(), LONG)) {
            SubscriptionTree tree = new SubscriptionTree();
            RetainedMessages retained = new RetainedMessages(1, 1);
            Router router = new Router(fixture.journal(), tree, retained);
            OutboxMemory memory = new OutboxMemory(100, 1 << 20, new Budget("outboxes", 1 << 20));
            BridgeOutboxes outboxes = new BridgeOutboxes(fixture.journal(), router, tree, retained, memory, Map.of());
            ForwardOutbox outbox = outboxes.open("cloud", RULE);
            outbox.room(() -> 10);
            fixture.force();
            long receipt = router.route(Packets.message("a", "refused", Qos.AT_LEAST_ONCE), "somebody", 0, 0)
                    .receipt();
            fixture.force();
            assertThat(fixture.journal().isSafe(receipt)).isTrue(); // the first one waits for its sequences
            receipt = router.route(Packets.message("a", "refused", Qos.AT_LEAST_ONCE), "somebody", 0, 0)
                    .receipt();
            assertThat(receipt).as("the receipt of one that waits").isNegative();
            outbox.next();
            Delivery delivery = outbox.next();
            assertThat(delivery).isNotNull();
            fixture.disk().holdForces();

            outboxes.park("cloud", RULE, delivery, ReasonCode.NOT_AUTHORIZED);
            outbox.settle(delivery.sequence());

            fixture.executor().run();
            assertThat(fixture.journal().isSafe(receipt)).isFalse();
            fixture.disk().releaseForces();
            long parked = receipt;
            fixture.executor().runUntil(() -> fixture.journal().isSafe(parked));
        }
    }
}
