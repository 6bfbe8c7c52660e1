// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a group holds for members that come and go, on a loop that is turned by hand. */
final class ShareGroupTest {

    private static final TopicFilter SHARED = TopicFilter.of("$share/group/#");
    private static final Subscription SUBSCRIPTION = Packets.subscription(SHARED.toString(), Qos.AT_LEAST_ONCE);

    private final JournalInMemory fixture = new JournalInMemory();
    private final Budget budget = new Budget("outboxes", 1 << 20);
    private final OutboxMemory memory = new OutboxMemory(100, 1 << 20, budget);
    private final SubscriptionTree tree = new SubscriptionTree();
    private final Router router = new Router(fixture.journal(), tree, new RetainedMessages(1, 1));
    private final ShareGroups groups = new ShareGroups(fixture.loop(), fixture.journal(), router, tree, memory);

    @AfterEach
    void close() {
        fixture.close();
    }

    private void route(String text) {
        router.route(Packets.message("t", text, Qos.AT_LEAST_ONCE), "somebody", 0, 0);
        fixture.executor().run();
    }

    /** A member that ends with its connection, and can take everything while it has one. */
    private final class Member implements ShareMember {
        private final Outbox outbox = Outbox.transientOne(fixture.journal(), memory);
        private boolean connected = true;

        void disconnect() {
            connected = false;
            outbox.returnBorrowed();
            outbox.end();
            fixture.executor().run();
        }

        @Override
        public boolean isDurable() {
            return false;
        }

        @Override
        public boolean isConnected() {
            return connected;
        }

        @Override
        public boolean isReady(Qos qos) {
            return connected;
        }

        @Override
        public void publishQos0(Message message, boolean retain, List<Integer> subscriptionIds) {
            throw new AssertionError("not with QoS 0");
        }

        @Override
        public Outbox outbox() {
            return outbox;
        }

        @Override
        public void offered() {}

        @Override
        public void tooSlow() {
            throw new AssertionError("there is room");
        }
    }

    @Test
    void lentDelivery_memberGone_goesToAnotherOne() {
        Member one = new Member();
        groups.join(one, SUBSCRIPTION, 0);
        route("lent");
        Member two = new Member();
        groups.join(two, SUBSCRIPTION, 0);
        one.disconnect();
        groups.leave(one, SHARED);
        fixture.executor().run();
        Delivery delivery = two.outbox().next();
        assertThat(delivery).isNotNull();
        assertThat(delivery.message().payload().text()).isEqualTo("lent");
        two.outbox().settle(delivery.sequence());
        assertThat(budget.bytes()).isZero();
    }

    /** It has unsubscribed, and then it goes without having acknowledged what it had. */
    @Test
    void lentDelivery_memberGoneAfterTheGroup_isHeldByNobody() {
        Member last = new Member();
        groups.join(last, SUBSCRIPTION, 0);
        route("lent");
        assertThat(budget.bytes()).isPositive();
        groups.leave(last, SHARED);
        last.disconnect();
        assertThat(budget.bytes()).isZero();
    }
}
