// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A shared subscription (MQTT 5.0 section 4.8.2): one subscriber with one outbox, whose deliveries go to one of its members each,
 * by turns, among those that can take it. It is durable from its first durable member on. Lives on the broker thread.
 *
 * <p>A delivery with QoS 1 is lent: it gets a packet identifier of the member's, stays in the group's outbox until the member has
 * acknowledged it, and goes to another one when the member's connection ends. A delivery with QoS 2 is given to a durable member for
 * good, since no other may get it once it has been sent [MQTT-4.8.2-4, -5]; to a member that ends with its connection it is lent
 * until PUBREC.
 */
public final class ShareGroup implements Subscriber {

    /** Deliveries that may wait in memory for the end of the turn. */
    private static final int PUMP_AT_ONCE = 64;

    private final ShareGroups groups;
    private final TopicFilter filter;
    private final List<Membership> members = new ArrayList<>();
    /** What came before there was a durable member; it is handed out first. */
    private final Outbox memory;

    private @Nullable Outbox durable;
    /** What members had and did not settle. */
    private final NavigableSet<Loan> returned =
            new TreeSet<>(Comparator.comparing((Loan loan) -> isDurable(loan.from()))
                    .thenComparingLong(loan -> loan.delivery().sequence()));

    private int turn;
    private int lent;
    private boolean parked = true;
    private boolean pumpDue;
    /** Whether it is over, while members may still have what it lent them. */
    private boolean ended;

    private record Membership(ShareMember member, Subscription subscription, List<Integer> subscriptionIds) {}

    /** @param memory an outbox that is not durable */
    ShareGroup(ShareGroups groups, TopicFilter filter, Outbox memory) {
        this.groups = groups;
        this.filter = filter;
        this.memory = memory;
        memory.onReady(this::pumpSoon);
        memory.onSpent(() -> tooSlow(memory.dropWaiting()));
    }

    TopicFilter filter() {
        return filter;
    }

    private boolean isDurable(Outbox outbox) {
        return outbox.equals(durable);
    }

    @Nullable
    Outbox durable() {
        return durable;
    }

    /** Is durable from here on. */
    void become(Outbox outbox) {
        durable = outbox;
        outbox.onReady(this::pumpSoon);
        outbox.settlesSoon(() -> !parked && nextReady(Qos.AT_LEAST_ONCE) != null);
        if (!parked) {
            outbox.unpark();
        }
    }

    /**
     * Takes a member in, or its subscription in the place of the one before.
     *
     * @param subscriptionId 0 if it has none
     */
    void join(ShareMember member, Subscription subscription, int subscriptionId) {
        members.removeIf(each -> each.member.equals(member));
        members.add(new Membership(member, subscription, subscriptionId == 0 ? List.of() : List.of(subscriptionId)));
        onPresence();
    }

    void leave(ShareMember member) {
        members.removeIf(each -> each.member.equals(member));
        onPresence();
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** What the members together want, as one subscription. */
    Subscription subscription() {
        Qos highest = Qos.AT_MOST_ONCE;
        boolean retainAsPublished = false;
        for (Membership each : members) {
            Qos qos = each.subscription.maximumQos();
            highest = qos.level() > highest.level() ? qos : highest;
            retainAsPublished |= each.subscription.retainAsPublished();
        }
        return new Subscription(filter, highest, false, retainAsPublished, RetainHandling.NEVER);
    }

    @Override
    public Object origin() {
        return this;
    }

    @Override
    public void admit(
            Message message, Qos maximumQos, boolean retain, List<Integer> subscriptionIds, Receivers receivers) {
        Qos qos = message.qos().min(maximumQos);
        if (qos == Qos.AT_MOST_ONCE) {
            Membership next = nextReady(Qos.AT_MOST_ONCE);
            if (next == null) {
                groups.dropQos0();
            } else {
                publishQos0(message, retain, next);
            }
            return;
        }
        Outbox outbox = durable == null ? memory : durable;
        if (!outbox.offer(message, qos, retain, List.of(), receivers)) {
            tooSlow(1);
        } else if (outbox.waiting() >= PUMP_AT_ONCE) {
            groups.router().whenRouted(this::pump);
        } else {
            pumpSoon();
        }
    }

    /** Deliveries are lost because an outbox that is only in memory is full: a gap that nobody is told of would be worse. */
    private void tooSlow(int lost) {
        groups.dropSlow(lost);
        members.forEach(each -> each.member.tooSlow());
    }

    private static void publishQos0(Message message, boolean retain, Membership to) {
        to.member.publishQos0(message, retain && to.subscription.retainAsPublished(), to.subscriptionIds);
    }

    /** A member has come, gone, or can take more. */
    public void onPresence() {
        boolean anybody = members.stream().anyMatch(each -> each.member.isConnected());
        if (anybody && parked) {
            parked = false;
            if (durable != null) {
                durable.unpark();
            }
        } else if (!anybody && !parked && lent == 0) {
            parked = true;
            if (durable != null) {
                forget(loan -> isDurable(loan.from())); // the journal has them
                durable.park();
            }
        }
        pumpSoon();
    }

    /** Has what can be sent handed to members at the end of this turn, if there is anything. */
    public void pumpSoon() {
        if (!pumpDue && !parked) {
            pumpDue = true;
            groups.loop().atTurnEnd(() -> {
                pumpDue = false;
                pump();
            });
        }
    }

    private void pump() {
        while (!parked && lent < groups.lentMax()) {
            Membership next = nextReady(Qos.AT_LEAST_ONCE);
            Loan loan = next == null ? null : nextDelivery();
            if (loan == null || next == null) {
                break;
            }
            turn = (members.indexOf(next) + 1) % members.size();
            hand(loan, next);
        }
        if (durable != null && (durable.waiting() > 0 || !returned.isEmpty())) {
            durable.stall();
        }
    }

    /** The next member in turn that can take a delivery with up to the QoS, or null. */
    private @Nullable Membership nextReady(Qos qos) {
        for (int i = 0; i < members.size(); i++) {
            int index = (turn + i) % members.size();
            Membership each = members.get(index);
            if (each.member.isReady(qos.min(each.subscription.maximumQos()))) {
                if (qos == Qos.AT_MOST_ONCE) {
                    turn = index + 1;
                }
                return each;
            }
        }
        return null;
    }

    private @Nullable Loan nextDelivery() {
        for (Loan loan = returned.pollFirst(); loan != null; loan = returned.pollFirst()) {
            groups.memory().left(loan.delivery().message());
            if (!loan.delivery().message().isExpired(groups.now())) {
                return loan;
            }
            loan.from().settle(loan.delivery().sequence());
        }
        Delivery delivery = memory.take();
        if (delivery != null) {
            return new Loan(this, memory, delivery);
        }
        Outbox outbox = durable;
        delivery = outbox == null ? null : outbox.take();
        return outbox == null || delivery == null ? null : new Loan(this, outbox, delivery);
    }

    private void hand(Loan loan, Membership to) {
        Delivery delivery = loan.delivery();
        Message message = delivery.message();
        boolean retain = delivery.retain() && to.subscription.retainAsPublished();
        Qos qos = delivery.qos().min(to.subscription.maximumQos()); // [MQTT-4.8.2-3]
        if (qos == Qos.AT_MOST_ONCE) {
            publishQos0(message, delivery.retain(), to);
            loan.from().settle(delivery.sequence());
            return;
        }
        if (qos == Qos.EXACTLY_ONCE && to.member.isDurable()) {
            loan.from().move(delivery, qos, retain, to.subscriptionIds, to.member.outbox());
        } else {
            lent++;
            to.member.outbox().borrow(message, qos, retain, to.subscriptionIds, loan);
        }
        to.member.offered();
    }

    /** A loan is over. */
    void ended(Loan loan) {
        lent--;
        if (lent == 0) {
            onPresence();
        } else {
            pumpSoon();
        }
    }

    /** A member could not go on with a delivery. */
    void returned(Loan loan) {
        lent--;
        if (!ended && returned.add(loan)) {
            groups.memory().took(loan.delivery().message());
        }
        onPresence();
    }

    private void forget(Predicate<Loan> which) {
        returned.removeIf(loan -> {
            boolean forgotten = which.test(loan);
            if (forgotten) {
                groups.memory().left(loan.delivery().message());
            }
            return forgotten;
        });
    }

    /** The last member is gone, and all that waits with it. */
    void end() {
        ended = true;
        forget(any -> true);
        memory.end();
        if (durable != null) {
            durable.end();
        }
    }

    /** The journal has dropped deliveries to make room. Those that members have stay until they are acknowledged. */
    void dropped(long from, long to) {
        forget(loan -> isDurable(loan.from())
                && loan.delivery().sequence() >= from
                && loan.delivery().sequence() < to);
        if (durable != null) {
            durable.dropped(from, to);
        }
    }

    /** Unsettled deliveries. */
    public long depth() {
        return memory.depth() + lentFromMemory() + (durable == null ? 0 : durable.depth());
    }

    private long lentFromMemory() {
        return returned.stream().filter(loan -> !isDurable(loan.from())).count();
    }

    @Override
    public String toString() {
        return filter.toString();
    }
}
