// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.routing.ShareGroup;
import io.sluice.gateway.routing.ShareGroups;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.topic.TopicFilter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one session subscribes to: in the tree, in its shares and, if the session is durable, in the journal. On the broker thread. */
final class SessionSubscriptions {

    private final Session session;
    private final Journal journal;
    private final SubscriptionTree tree;
    private final ShareGroups shares;
    private final SubscriptionQuota own;
    private final StateMemory memory;
    private final Map<TopicFilter, Held> held = new HashMap<>();
    private final Map<TopicFilter, ShareGroup> shared = new HashMap<>();

    /**
     * @param stateNumber the number of its state in the journal, or 0
     * @param batch the journal's batch in which that is, or 0
     */
    private record Held(Subscription subscription, int subscriptionId, long stateNumber, long batch) {}

    /** @param own how many this session may have */
    SessionSubscriptions(
            Session session,
            Journal journal,
            SubscriptionTree tree,
            ShareGroups shares,
            SubscriptionQuota own,
            StateMemory memory) {
        this.session = session;
        this.journal = journal;
        this.tree = tree;
        this.shares = shares;
        this.own = own;
        this.memory = memory;
    }

    /** Takes over what the journal had. */
    void restore(long number, DurableState.SubscriptionState state) {
        Subscription subscription = state.subscription();
        take(subscription.filter());
        held.put(subscription.filter(), new Held(subscription, state.subscriptionId(), number, 0));
        enter(subscription, state.subscriptionId());
    }

    /** All filters, as they are now. */
    List<TopicFilter> filters() {
        return List.copyOf(held.keySet());
    }

    /** The groups of its shared subscriptions. */
    Collection<ShareGroup> groups() {
        return shared.values();
    }

    /** Whether there is one with the filter. */
    boolean has(TopicFilter filter) {
        return held.containsKey(filter);
    }

    /** Whether there is just this one. */
    boolean has(Subscription subscription, int subscriptionId) {
        Held old = held.get(subscription.filter());
        return old != null && old.subscription().equals(subscription) && old.subscriptionId() == subscriptionId;
    }

    /** Whether there may be one more, by the session's own limit and that of all. */
    boolean hasRoomFor(TopicFilter filter) {
        return own.hasRoomFor(filter) && memory.hasRoomFor(filter);
    }

    private void take(TopicFilter filter) {
        own.take(filter);
        memory.take(filter);
    }

    /**
     * Adds or replaces a subscription [MQTT-3.8.4-3]; the journal's batch, or 0. One that is there already is not written again.
     *
     * @param subscriptionId 0 if there is none
     */
    long subscribe(Subscription subscription, int subscriptionId) {
        Held old = held.get(subscription.filter());
        if (old != null && has(subscription, subscriptionId)) {
            return old.batch();
        }
        Journal.Appended appended = new Journal.Appended(0, 0);
        if (session.isDurable()) {
            DurableState state = new DurableState.SubscriptionState(session.owner(), subscription, subscriptionId);
            appended = journal.put(state, old == null ? 0 : old.stateNumber());
        }
        if (old == null) {
            take(subscription.filter());
        }
        held.put(
                subscription.filter(),
                new Held(subscription, subscriptionId, appended.stateNumber(), appended.batch()));
        enter(subscription, subscriptionId);
        return appended.batch();
    }

    private void enter(Subscription subscription, int subscriptionId) {
        if (subscription.filter().share().isPresent()) {
            shared.put(subscription.filter(), shares.join(session, subscription, subscriptionId));
        } else {
            tree.subscribe(session, subscription, subscriptionId);
        }
    }

    private void leave(TopicFilter filter) {
        own.giveBack(filter);
        memory.giveBack(filter);
        if (shared.remove(filter) != null) {
            shares.leave(session, filter);
        } else {
            tree.unsubscribe(session, filter);
        }
    }

    /** Removes a subscription, if there is one; the journal's batch, or 0. */
    long unsubscribe(TopicFilter filter) {
        Held old = held.remove(filter);
        if (old != null) {
            leave(filter);
        }
        return old == null || !session.isDurable() ? 0 : journal.remove(0, old.stateNumber());
    }

    /** Ends all of them; the numbers of their states in the journal. */
    long[] end() {
        held.keySet().forEach(this::leave);
        long[] numbers = held.values().stream().mapToLong(Held::stateNumber).toArray();
        held.clear();
        return numbers;
    }
}
