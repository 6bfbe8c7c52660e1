// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Delivery;
import io.sluice.gateway.routing.Outbox;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The outboxes of all bridges' rules in the journal. One belongs to the names of its bridge and rule: it is found again after a
 * restart, and left alone when the rule is gone from the configuration. On the broker thread.
 */
public final class BridgeOutboxes {

    private static final System.Logger LOG = System.getLogger(BridgeOutboxes.class.getName());

    /** What stands behind a rule's name in the name of the outbox in which its undeliverable messages are kept. */
    private static final String PARKED = " (parked)";

    private final Journal journal;
    private final Router router;
    private final SubscriptionTree tree;
    private final RetainedMessages retained;
    private final OutboxMemory memory;
    private final Map<Name, Long> owners = new HashMap<>();
    private final Map<Long, ForwardOutbox> byOwner = new HashMap<>();
    private final Set<Name> used = new HashSet<>();
    private final Receivers receivers = new Receivers();

    private record Name(String bridge, String rule) {}

    public BridgeOutboxes(
            Journal journal,
            Router router,
            SubscriptionTree tree,
            RetainedMessages retained,
            OutboxMemory memory,
            Map<Long, DurableState> recovered) {
        this.journal = journal;
        this.router = router;
        this.tree = tree;
        this.retained = retained;
        this.memory = memory;
        for (DurableState state : recovered.values()) {
            if (state instanceof DurableState.BridgeState bridge) {
                owners.put(new Name(bridge.bridge(), bridge.rule()), bridge.owner());
            }
        }
    }

    /** The outbox of a rule, subscribed to what the rule selects. A new one begins with the retained messages. */
    public ForwardOutbox open(String bridge, BridgeRule.Forward rule) {
        Name name = new Name(bridge, rule.name());
        boolean isNew = !owners.containsKey(name);
        OutboxLog log = log(name);
        Outbox durable = Outbox.durable(journal, log, memory, memory.countMax());
        Outbox passing = Outbox.transientOne(journal, memory);
        ForwardOutbox outbox = new ForwardOutbox(bridge, rule, durable, passing);
        byOwner.put(log.owner(), outbox);
        durable.unpark();
        tree.subscribe(outbox, outbox.subscription(), 0);
        if (isNew) {
            for (Message message :
                    retained.matching(rule.from(), journal.clock().now())) {
                router.deliver(message, outbox, Qos.EXACTLY_ONCE, List.of());
            }
        } else if (log.depth() > 0) {
            LOG.log(Level.INFO, "bridge {0}: rule {1} goes on with {2} messages", bridge, rule.name(), log.depth());
        }
        return outbox;
    }

    /** Keeps a delivery that upstream can never take. */
    public void park(String bridge, BridgeRule.Forward rule, Delivery delivery, ReasonCode reason) {
        OutboxLog log = log(new Name(bridge, rule.name() + PARKED));
        receivers.clear();
        receivers.add(log.owner(), journal.take(log), delivery.qos(), delivery.retain(), List.of());
        journal.append(delivery.message(), receivers, 0, 0, false, 0);
        LOG.log(
                Level.WARNING,
                "bridge {0}: a message for {1} is parked, upstream says {2}; {3} are parked",
                bridge,
                delivery.message().topic(),
                reason,
                log.depth());
    }

    /** Tells of outboxes with messages for which there is no rule any more. Once, when all rules are open. */
    public void reportUnused() {
        owners.forEach((name, owner) -> {
            long depth = journal.outbox(owner).depth();
            if (!used.contains(name) && depth > 0) {
                LOG.log(
                        Level.WARNING,
                        "bridge {0}: {1} messages are kept for the rule {2}, which is not in the configuration",
                        name.bridge(),
                        depth,
                        name.rule());
            }
        });
    }

    private OutboxLog log(Name name) {
        used.add(name);
        return journal.outbox(owners.computeIfAbsent(name, any -> {
            long owner = journal.newOwner();
            journal.put(new DurableState.BridgeState(owner, name.bridge(), name.rule()), 0);
            return owner;
        }));
    }

    /** The journal has dropped deliveries of a rule to make room. */
    public void dropped(long owner, long from, long to) {
        ForwardOutbox outbox = byOwner.get(owner);
        if (outbox != null) {
            outbox.dropped(from, to);
        }
    }
}
