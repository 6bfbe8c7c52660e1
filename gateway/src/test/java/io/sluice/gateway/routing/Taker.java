// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscriber that notes what it gets, in memory or, with an outbox in the journal, durably. */
final class Taker implements Subscriber {

    final String name;
    final List<String> taken = new ArrayList<>();
    private final @Nullable Outbox outbox;
    Consumer<Message> onAdmit = message -> {};

    Taker(String name) {
        this(name, null);
    }

    Taker(String name, @Nullable Outbox outbox) {
        this.name = name;
        this.outbox = outbox;
    }

    static Taker durable(String name, Journal journal, OutboxLog log) {
        return new Taker(
                name, Outbox.durable(journal, log, new OutboxMemory(100, 1 << 20, new Budget("outboxes", 1 << 20)), 0));
    }

    @Override
    public Object origin() {
        return this;
    }

    @Override
    public void admit(
            Message message, Qos maximumQos, boolean retain, List<Integer> subscriptionIds, Receivers receivers) {
        taken.add(message.payload().text() + (retain ? " retained" : "") + " " + subscriptionIds);
        if (outbox != null) {
            outbox.offer(message, message.qos().min(maximumQos), retain, subscriptionIds, receivers);
        }
        onAdmit.accept(message);
    }

    @Override
    public String toString() {
        return name;
    }
}
