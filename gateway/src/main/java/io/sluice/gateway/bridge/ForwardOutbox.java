// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.routing.Delivery;
import io.sluice.gateway.routing.Outbox;
import io.sluice.gateway.routing.Subscriber;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A forward rule as a subscriber: what it selects goes into its durable outbox, with the rule's QoS from its arrival on. What crosses
 * with QoS 0 is not buffered but for a few messages in memory. On the broker thread.
 */
public final class ForwardOutbox implements Subscriber, Backlog {

    private final String bridge;
    private final BridgeRule.Forward rule;
    private final Outbox durable;
    private final Outbox passing;
    private Runnable ready = () -> {};
    private long droppedQos0;

    /**
     * @param durable the rule's outbox in the journal
     * @param passing an outbox in memory for what crosses with QoS 0
     */
    public ForwardOutbox(String bridge, BridgeRule.Forward rule, Outbox durable, Outbox passing) {
        this.bridge = bridge;
        this.rule = rule;
        this.durable = durable;
        this.passing = passing;
        passing.onSpent(() -> droppedQos0 += passing.dropWaiting());
    }

    /** The subscription that brings the rule its messages; what the bridge itself has fetched is local to it. */
    public Subscription subscription() {
        return new Subscription(rule.from(), Qos.EXACTLY_ONCE, true, true, RetainHandling.SEND);
    }

    @Override
    public Object origin() {
        return bridge;
    }

    @Override
    public void admit(
            Message message, Qos maximumQos, boolean retain, List<Integer> subscriptionIds, Receivers receivers) {
        for (TopicFilter exclude : rule.excludes()) {
            if (exclude.matches(message.topic())) {
                return;
            }
        }
        Qos qos = rule.qos().orElse(message.qos());
        if (qos != Qos.AT_MOST_ONCE) {
            durable.offer(message, qos, retain, List.of(), receivers);
        } else if (!passing.offer(message, qos, retain, List.of(), receivers)) {
            droppedQos0++;
        }
        ready.run();
    }

    @Override
    public @Nullable Delivery next() {
        Delivery delivery = passing.next();
        if (delivery != null) {
            return new Delivery(
                    ~delivery.sequence(), delivery.message(), delivery.qos(), delivery.retain(), List.of(), false);
        }
        return durable.next();
    }

    /** Sequences of what passes in memory are told from the others by their sign. */
    @Override
    public void settle(long sequence) {
        if (sequence < 0) {
            passing.settle(~sequence);
        } else {
            durable.settle(sequence);
        }
    }

    @Override
    public void rewind() {
        passing.discardAll();
        durable.rewind();
    }

    @Override
    public void onReady(Runnable pump) {
        ready = pump;
        durable.onReady(pump);
        passing.onReady(pump);
    }

    @Override
    public long depth() {
        return durable.depth();
    }

    /** Messages with QoS 0 that were dropped because too many waited. */
    public long droppedQos0() {
        return droppedQos0;
    }

    /** The journal has dropped deliveries to make room. */
    public void dropped(long from, long to) {
        durable.dropped(from, to);
    }
}
