// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.gateway.routing.Outbox;
import io.sluice.gateway.routing.ShareGroup;
import io.sluice.gateway.routing.ShareGroups;
import io.sluice.gateway.routing.ShareMember;
import io.sluice.gateway.routing.Subscriber;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client's session (MQTT 5.0 section 4.1): its subscriptions, the deliveries that wait for it, the QoS 2 identifiers that it has
 * sent. A durable one has a number in the journal, where all of that is written. On the broker thread.
 */
final class Session implements Subscriber, ShareMember {

    private static final System.Logger LOG = System.getLogger(Session.class.getName());

    private final String clientId;
    private final Journal journal;
    private final SubscriptionTree tree;
    private final ShareGroups shares;
    private final SubscriptionQuota own;
    private final StateMemory memory;
    private final Counters counters;
    private final Outbox outbox;
    private final ReceiveWindow received;
    private final Map<TopicFilter, Held> subscriptions = new HashMap<>();
    private final Map<TopicFilter, ShareGroup> shared = new HashMap<>();
    /** The number in the journal, or 0 if the session ends with its connection. */
    private final long owner;

    private long stateNumber;
    private long expirySeconds;
    private long disconnectedAt = DurableState.SessionState.CONNECTED;
    private Optional<Will> will = Optional.empty();
    private Optional<String> identity = Optional.empty();
    private @Nullable Conversation conversation;
    private Loop.@Nullable Timer expiry;
    private Loop.@Nullable Timer willDelay;

    /** @param stateNumber the number of its state in the journal, or 0 */
    private record Held(Subscription subscription, int subscriptionId, long stateNumber) {}

    Session(
            String clientId,
            long owner,
            Journal journal,
            SubscriptionTree tree,
            ShareGroups shares,
            SubscriptionQuota own,
            StateMemory memory,
            Counters counters,
            Outbox outbox) {
        this.clientId = clientId;
        this.owner = owner;
        this.journal = journal;
        this.tree = tree;
        this.shares = shares;
        this.own = own;
        this.memory = memory;
        this.counters = counters;
        this.outbox = outbox;
        this.received = new ReceiveWindow(journal.received(owner), memory);
        outbox.onReady(this::pump);
        outbox.onSpent(this::onSpent);
    }

    String clientId() {
        return clientId;
    }

    @Override
    public boolean isDurable() {
        return owner != 0;
    }

    long owner() {
        return owner;
    }

    @Override
    public Outbox outbox() {
        return outbox;
    }

    ReceiveWindow received() {
        return received;
    }

    long expirySeconds() {
        return expirySeconds;
    }

    long disconnectedAt() {
        return disconnectedAt;
    }

    Optional<Will> will() {
        return will;
    }

    @Nullable
    Conversation conversation() {
        return conversation;
    }

    @Override
    public boolean isConnected() {
        return conversation != null;
    }

    /**
     * Whether who has these rights may go on with it: it is theirs, or it is from before there were rules, nobody is connected with
     * it, and the rules allow all that it subscribes to.
     */
    boolean isFor(Rights rights) {
        return identity.equals(rights.identity())
                || (identity.isEmpty()
                        && conversation == null
                        && subscriptions.keySet().stream().allMatch(rights::maySubscribe));
    }

    /** Begins with a connection; the journal's batch after which CONNACK may be sent. */
    long connected(Conversation newConversation, long newExpirySeconds, Optional<Will> newWill, Rights rights) {
        cancelTimers();
        conversation = newConversation;
        identity = rights.identity();
        for (TopicFilter filter : List.copyOf(subscriptions.keySet())) {
            if (!rights.maySubscribe(filter)) {
                LOG.log(Level.INFO, "{0}: the rules no longer allow its subscription to {1}", this, filter);
                unsubscribe(filter);
            }
        }
        expirySeconds = newExpirySeconds;
        disconnectedAt = DurableState.SessionState.CONNECTED;
        take(newWill);
        return save();
    }

    /** The connection has ended. */
    void disconnected(long now) {
        conversation = null;
        disconnectedAt = now;
        outbox.returnBorrowed();
        outbox.park();
        save();
        shared.values().forEach(ShareGroup::onPresence);
    }

    /** The client has changed the session expiry interval; the batch. */
    long expireAfter(long seconds) {
        expirySeconds = seconds;
        return save();
    }

    void forgetWill() {
        if (will.isPresent()) {
            take(Optional.empty());
            save();
        }
    }

    private void take(Optional<Will> newWill) {
        memory.add(StateMemory.of(newWill) - StateMemory.of(will));
        will = newWill;
    }

    /** Takes over what the journal had. */
    void restore(long number, DurableState.SessionState state) {
        stateNumber = number;
        expirySeconds = state.expirySeconds();
        disconnectedAt = state.disconnectedAt();
        take(state.will());
        identity = state.identity();
    }

    void restore(long number, DurableState.SubscriptionState state) {
        take(state.subscription().filter());
        subscriptions.put(
                state.subscription().filter(), new Held(state.subscription(), state.subscriptionId(), number));
        enter(state.subscription(), state.subscriptionId());
    }

    private long save() {
        if (!isDurable()) {
            return 0;
        }
        Journal.Appended appended = journal.put(
                new DurableState.SessionState(owner, clientId, expirySeconds, disconnectedAt, will, identity),
                stateNumber);
        stateNumber = appended.stateNumber();
        return appended.batch();
    }

    /** Runs when the session has expired; ended by the next connection, as its will's is. */
    void expiryDue(Loop.Timer timer) {
        expiry = timer;
    }

    /** Runs when the will is due. */
    void willDue(Loop.Timer timer) {
        willDelay = timer;
    }

    void cancelTimers() {
        if (expiry != null) {
            expiry.cancel();
            expiry = null;
        }
        if (willDelay != null) {
            willDelay.cancel();
            willDelay = null;
        }
    }

    /** Whether it has a subscription with the filter. */
    boolean has(TopicFilter filter) {
        return subscriptions.containsKey(filter);
    }

    /** Whether it may have one more, by its own limit and that of all. */
    boolean hasRoomFor(TopicFilter filter) {
        return own.hasRoomFor(filter) && memory.hasRoomFor(filter);
    }

    private void take(TopicFilter filter) {
        own.take(filter);
        memory.take(filter);
    }

    /**
     * Adds or replaces a subscription [MQTT-3.8.4-3]; the journal's batch, or 0.
     *
     * @param subscriptionId 0 if there is none
     */
    long subscribe(Subscription subscription, int subscriptionId) {
        Held old = subscriptions.get(subscription.filter());
        Journal.Appended appended = new Journal.Appended(0, 0);
        if (isDurable()) {
            DurableState state = new DurableState.SubscriptionState(owner, subscription, subscriptionId);
            appended = journal.put(state, old == null ? 0 : old.stateNumber());
        }
        if (old == null) {
            take(subscription.filter());
        }
        subscriptions.put(subscription.filter(), new Held(subscription, subscriptionId, appended.stateNumber()));
        enter(subscription, subscriptionId);
        return appended.batch();
    }

    private void enter(Subscription subscription, int subscriptionId) {
        if (subscription.filter().share().isPresent()) {
            shared.put(subscription.filter(), shares.join(this, subscription, subscriptionId));
        } else {
            tree.subscribe(this, subscription, subscriptionId);
        }
    }

    private void leave(TopicFilter filter) {
        own.giveBack(filter);
        memory.giveBack(filter);
        if (shared.remove(filter) != null) {
            shares.leave(this, filter);
        } else {
            tree.unsubscribe(this, filter);
        }
    }

    /** Removes a subscription that there is; the journal's batch, or 0. */
    long unsubscribe(TopicFilter filter) {
        Held old = subscriptions.remove(filter);
        if (old != null) {
            leave(filter);
        }
        return old == null || !isDurable() ? 0 : journal.remove(0, old.stateNumber());
    }

    /** Ends the session for good [MQTT-4.1.0-2]; the journal's batch, or 0. */
    long end() {
        cancelTimers();
        subscriptions.keySet().forEach(this::leave);
        long[] numbers = new long[subscriptions.size() + 1];
        int count = 0;
        numbers[count++] = stateNumber;
        for (Held held : subscriptions.values()) {
            numbers[count++] = held.stateNumber();
        }
        subscriptions.clear();
        outbox.end();
        received.end();
        memory.add(-StateMemory.of(will) - StateMemory.ofSession(clientId));
        will = Optional.empty();
        return isDurable() ? journal.remove(owner, numbers) : 0;
    }

    @Override
    public Object origin() {
        return this;
    }

    @Override
    public void admit(
            Message message, Qos maximumQos, boolean retain, List<Integer> subscriptionIds, Receivers receivers) {
        Qos qos = message.qos().min(maximumQos); // [MQTT-3.8.4-8]
        if (qos == Qos.AT_MOST_ONCE) {
            publishQos0(message, retain, subscriptionIds);
        } else if (outbox.offer(message, qos, retain, subscriptionIds, receivers)) {
            offered();
        } else if (isConnected()) {
            counters.dropSlow(1);
            tooSlow();
        }
    }

    @Override
    public boolean isReady(Qos qos) {
        Conversation current = conversation;
        return current != null
                && (qos == Qos.AT_MOST_ONCE ? current.isWritable() : outbox.takesDirectly() && current.hasQuota());
    }

    @Override
    public void publishQos0(Message message, boolean retain, List<Integer> subscriptionIds) {
        Conversation current = conversation;
        if (current != null && !current.publishQos0(message, retain, subscriptionIds)) {
            counters.dropQos0();
        }
    }

    @Override
    public void offered() {
        Conversation current = conversation;
        if (current != null) {
            current.offered();
        }
    }

    @Override
    public void tooSlow() {
        Conversation current = conversation;
        if (current != null) {
            current.tooSlow();
        }
    }

    /** The memory of all outboxes is spent, and this one has what cannot be read again from disk. */
    private void onSpent() {
        if (isConnected()) {
            counters.dropSlow(outbox.abandon());
            tooSlow();
        }
    }

    /** The client can take more: what it shares with others may come to it. */
    void pumpShared() {
        shared.values().forEach(ShareGroup::pumpSoon);
    }

    /** CONNACK has gone out. */
    void begun() {
        shared.values().forEach(ShareGroup::onPresence);
    }

    /** The journal has dropped deliveries to make room. */
    void dropped(long from, long to) {
        outbox.dropped(from, to);
        if (conversation != null) {
            conversation.recount();
        }
    }

    private void pump() {
        if (conversation != null) {
            conversation.pumpSoon();
        }
    }

    @Override
    public String toString() {
        return "session " + clientId;
    }
}
