// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RouterTest {

    private final JournalInMemory fixture = new JournalInMemory();
    private final SubscriptionTree tree = new SubscriptionTree();
    private final RetainedMessages retained = new RetainedMessages(1, 1_000);
    private final Router router = new Router(fixture.journal(), tree, retained);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void route_toNobodyInMemoryOrDurably_saysWhatMustBeWaitedFor() {
        assertThat(router.route(Packets.message("a", "1", Qos.AT_LEAST_ONCE), this, 0, 0))
                .isEqualTo(new Router.Routed(ReasonCode.NO_MATCHING_SUBSCRIBERS, 0));
        tree.subscribe(new Taker("in memory"), Packets.subscription("a", Qos.AT_LEAST_ONCE), 0);
        assertThat(router.route(Packets.message("a", "2", Qos.AT_LEAST_ONCE), this, 0, 0))
                .isEqualTo(new Router.Routed(ReasonCode.SUCCESS, 0));
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        tree.subscribe(
                Taker.durable("durable", fixture.journal(), log), Packets.subscription("#", Qos.AT_LEAST_ONCE), 0);
        Router.Routed routed = router.route(Packets.message("a", "3", Qos.AT_LEAST_ONCE), this, 0, 0);
        assertThat(routed.reason()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(routed.receipt()).isPositive();
        assertThat(router.routed()).isEqualTo(3);
    }

    @Test
    void route_noLocal_keepsBackFromTheOrigin() {
        Taker taker = new Taker("taker");
        tree.subscribe(
                taker, new Subscription(TopicFilter.of("a"), Qos.AT_LEAST_ONCE, true, false, RetainHandling.SEND), 0);
        assertThat(router.route(Packets.message("a", "own", Qos.AT_LEAST_ONCE), taker, 0, 0)
                        .reason())
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        router.route(Packets.message("a", "other", Qos.AT_LEAST_ONCE), this, 0, 0);
        assertThat(taker.taken).containsExactly("other []");
    }

    @Test
    void route_retainedWithoutRoom_isRefusedAndReachesNobody() {
        Taker taker = new Taker("taker");
        tree.subscribe(taker, Packets.subscription("#", Qos.AT_LEAST_ONCE), 0);
        router.route(Packets.retained("a", "1", Qos.AT_LEAST_ONCE), this, 0, 0);
        assertThat(router.route(Packets.retained("b", "2", Qos.AT_LEAST_ONCE), this, 0, 0)
                        .reason())
                .isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(router.refused()).isEqualTo(1);
        router.route(Packets.retained("a", "", Qos.AT_LEAST_ONCE), this, 0, 0);
        router.route(Packets.retained("b", "3", Qos.AT_LEAST_ONCE), this, 0, 0);
        assertThat(taker.taken).containsExactly("1 []", " []", "3 []");
        assertThat(retained.count()).isEqualTo(1);
    }

    @Test
    void whenRouted_duringARoute_runsWhenItsReceiversAreWritten() {
        OutboxLog log = fixture.journal().outbox(fixture.journal().newOwner());
        Taker first = Taker.durable("first", fixture.journal(), log);
        Taker second = new Taker("second");
        Taker late = new Taker("late");
        // Delivers another message in the middle of the route, as a client does that has just room for a retained one.
        second.onAdmit = message -> router.whenRouted(() -> router.deliver(
                Packets.retained("kept", "kept", Qos.AT_LEAST_ONCE), late, Qos.AT_LEAST_ONCE, List.of()));
        tree.subscribe(first, Packets.subscription("a", Qos.AT_LEAST_ONCE), 0);
        tree.subscribe(second, Packets.subscription("a", Qos.AT_LEAST_ONCE), 0);

        Router.Routed routed = router.route(Packets.message("a", "x", Qos.AT_LEAST_ONCE), this, 0, 0);

        assertThat(routed.receipt()).as("the first one's record").isPositive();
        assertThat(late.taken).containsExactly("kept retained []");
        assertThat(log.depth()).isEqualTo(1);
    }
}
