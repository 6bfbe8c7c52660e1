// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
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
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A client's session (MQTT 5.0 section 4.1): its subscriptions, the deliveries that wait for it, the QoS 2 identifiers that it has
 * sent. A durable one has a number in the journal, where all of that is written. On the broker thread.
 */
final class Session implements Subscriber, ShareMember {

    private static final System.Logger LOG = System.getLogger(Session.class.getName());

    private final String clientId;
    private final Journal journal;
    private final StateMemory memory;
    private final Counters counters;
    private final Outbox outbox;
    private final ReceiveWindow received;
    private final SessionRecord record;
    private final SessionSubscriptions subscriptions;
    /** The number in the journal, or 0 if the session ends with its connection. */
    private final long owner;

    private long expirySeconds;
    private long disconnectedAt = DurableState.SessionState.CONNECTED;
    private Optional<Will> will = Optional.empty();
    private Optional<String> identity = Optional.empty();
    private @Nullable Conversation conversation;
    private Loop.@Nullable Timer expiry;
    private Loop.@Nullable Timer willDelay;

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
        this.memory = memory;
        this.counters = counters;
        this.outbox = outbox;
        this.subscriptions = new SessionSubscriptions(this, journal, tree, shares, own, memory);
        this.record = new SessionRecord(journal, owner, clientId);
        this.received = new ReceiveWindow(journal.received(owner), memory);
        outbox.onReady(this::pump);
        outbox.settlesSoon(() -> conversation != null && conversation.hasQuota());
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
                        && subscriptions.filters().stream().allMatch(rights::maySubscribe));
    }

    /** Begins with a connection; the journal's batch after which CONNACK may be sent. */
    long connected(Conversation newConversation, long newExpirySeconds, Optional<Will> newWill, Rights rights) {
        cancelTimers();
        conversation = newConversation;
        identity = rights.identity();
        for (TopicFilter filter : subscriptions.filters()) {
            if (!rights.maySubscribe(filter)) {
                LOG.log(Level.INFO, "{0}: the rules no longer allow its subscription to {1}", this, filter);
                subscriptions.unsubscribe(filter);
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
        subscriptions.groups().forEach(ShareGroup::onPresence);
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
        record.restore(number, state);
        expirySeconds = state.expirySeconds();
        disconnectedAt = state.disconnectedAt();
        take(state.will());
        identity = state.identity();
    }

    /** What it subscribes to. */
    SessionSubscriptions subscriptions() {
        return subscriptions;
    }

    private long save() {
        return record.put(expirySeconds, disconnectedAt, will, identity);
    }

    /** What the journal has of it. */
    SessionRecord record() {
        return record;
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

    /** Ends the session for good [MQTT-4.1.0-2]; the journal's batch, or 0. */
    long end() {
        cancelTimers();
        record.end();
        long[] numbers = LongStream.concat(LongStream.of(record.stateNumber()), LongStream.of(subscriptions.end()))
                .toArray();
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
        if (conversation != null && !conversation.publishQos0(message, retain, subscriptionIds)) {
            counters.dropQos0();
        }
    }

    @Override
    public void offered() {
        if (conversation != null) {
            conversation.offered();
        }
    }

    @Override
    public void tooSlow() {
        if (conversation != null) {
            conversation.tooSlow();
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
        subscriptions.groups().forEach(ShareGroup::pumpSoon);
    }

    /** CONNACK has gone out. */
    void begun() {
        subscriptions.groups().forEach(ShareGroup::onPresence);
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
