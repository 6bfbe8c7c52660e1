// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.Rights;
import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Outbox;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.routing.ShareGroups;
import io.sluice.gateway.routing.SubscriptionTree;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** All sessions by client identifier, and the conversations that have them. On the broker thread. */
public final class Sessions {

    private static final System.Logger LOG = System.getLogger(Sessions.class.getName());

    private final Loop loop;
    private final Journal journal;
    private final Router router;
    private final SubscriptionTree tree;
    private final RetainedMessages retained;
    private final SessionLimits limits;
    private final Capabilities capabilities;
    private final Admission admission;
    private final Entrance entrance;
    private final OutboxMemory outboxes;
    private final StateMemory memory;
    private final Ingress ingress;
    private final Counters counters = new Counters();
    private final Traffic traffic = new Traffic();
    private final Absences absences;
    private final ShareGroups shares;
    private final Map<String, Session> byClientId = new HashMap<>();
    private final Map<Long, Session> byOwner = new HashMap<>();
    private final Set<Conversation> conversations = new HashSet<>();
    private final Strangers strangers = new Strangers();

    public Sessions(
            Loop loop,
            Journal journal,
            Router router,
            SubscriptionTree tree,
            RetainedMessages retained,
            SessionLimits limits,
            OutboxMemory outboxes,
            Budget state,
            Capabilities capabilities) {
        this.loop = loop;
        this.journal = journal;
        this.router = router;
        this.tree = tree;
        this.retained = retained;
        this.limits = limits;
        this.capabilities = capabilities;
        this.admission = new Admission(capabilities, limits);
        this.outboxes = outboxes;
        this.memory = new StateMemory(new SubscriptionQuota(limits.allSubscriptionsMax()), state);
        this.entrance = new Entrance(this, capabilities, limits, memory);
        this.ingress = new Ingress(journal::bytesNotForced, journal::isStuck, limits.ingressBytesMax());
        this.shares = new ShareGroups(loop, journal, router, tree, outboxes);
        this.absences = new Absences(loop, new Wills(loop, router, memory, this::now), this::now, this::expire);
        journal.onStuck(this::onStuck);
    }

    /** Takes over the sessions that the journal had. Once, before the first connection. */
    public void restore(Map<Long, DurableState> states) {
        shares.restore(states);
        states.forEach((number, state) -> {
            if (state instanceof DurableState.SessionState durable) {
                Session session = durableSession(durable.clientId(), journal.outbox(durable.owner()));
                session.restore(number, durable);
            }
        });
        states.forEach((number, state) -> {
            if (state instanceof DurableState.SubscriptionState subscription) {
                Session session = byOwner.get(subscription.owner());
                if (session != null) {
                    session.subscriptions().restore(number, subscription);
                }
            }
        });
        shares.restored();
        for (Session session : List.copyOf(byClientId.values())) {
            boolean wasConnected = session.disconnectedAt() == DurableState.SessionState.CONNECTED;
            if (wasConnected) {
                session.disconnected(now());
            }
            absences.begin(session);
        }
    }

    private Session durableSession(String clientId, OutboxLog log) {
        Outbox outbox = Outbox.durable(journal, log, outboxes, outboxes.countMax());
        Session session = session(clientId, log.owner(), outbox);
        byClientId.put(clientId, session);
        byOwner.put(log.owner(), session);
        return session;
    }

    private Session session(String clientId, long owner, Outbox outbox) {
        SubscriptionQuota own = new SubscriptionQuota(limits.subscriptionsMax());
        memory.add(StateMemory.ofSession(clientId));
        return new Session(clientId, owner, journal, tree, shares, own, memory, counters, outbox);
    }

    private Session transientSession(String clientId) {
        Outbox outbox = Outbox.transientOne(journal, outboxes);
        Session session = session(clientId, 0, outbox);
        byClientId.put(clientId, session);
        return session;
    }

    /**
     * Takes memory for what a connection remembers, or gives it back if negative.
     *
     * @return false if there is none, and none was taken
     */
    public boolean remember(long bytes) {
        return memory.takeIfThereIs(bytes);
    }

    /** A new network connection, which has yet to send CONNECT. */
    public Conversation open(Connection connection) {
        Conversation conversation = new Conversation(this, connection);
        traffic.socket();
        strangers.add(conversation);
        return conversation;
    }

    void connect(Conversation conversation, Packet.Connect connect) throws ProtocolException {
        if (entrance.refuses(conversation, connect)) {
            return;
        }
        admission.check(connect);
        strangers.remove(conversation);
        conversations.add(conversation);
        memory.add(StateMemory.CONNECTION_BYTES);
        traffic.connection();
        Optional<Guard> guard = conversation.connection().guard();
        if (guard.isEmpty()) {
            admit(conversation, connect, Rights.ALL, Optional.empty());
        } else {
            conversation.login(new Login(this, conversation, connect, guard.get()));
        }
    }

    /**
     * The client is who it says: it gets a session.
     *
     * @param authenticationData what the client is told last about its authentication
     */
    void admit(Conversation conversation, Packet.Connect connect, Rights rights, Optional<Payload> authenticationData) {
        if (entrance.isClosedTo(conversation)) {
            return;
        }
        boolean assigned = connect.clientId().isEmpty();
        if (assigned && connect.version() == ProtocolVersion.MQTT_3_1_1 && !connect.cleanStart()) {
            conversation.refused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "an empty client identifier needs clean session 1"); // [MQTT-3.1.3-8]
            return;
        }
        String clientId = assigned ? "sluice-" + UUID.randomUUID() : connect.clientId(); // [MQTT-3.1.3-6]
        long expiry = admission.grantedExpirySeconds(connect.properties().sessionExpirySeconds());
        Session known = byClientId.get(clientId);
        if (known != null && !known.isFor(rights)) {
            conversation.refused(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "this session is another user's");
            return;
        }
        if (entrance.isUnwrittenFor(conversation, connect, expiry, known, rights)) {
            return;
        }
        Session session = takeOver(clientId);
        if (session != null && connect.cleanStart()) {
            discard(session); // [MQTT-3.1.2-4]
            session = null;
        }
        boolean present = session != null;
        if (entrance.isFullFor(conversation, connect, !present)) {
            return;
        }
        if (session == null) {
            session = expiry > 0
                    ? durableSession(clientId, journal.outbox(journal.newOwner()))
                    : transientSession(clientId);
        }
        Session resumed = session;
        long batch = resumed.connected(conversation, expiry, connect.will(), rights);
        if (LOG.isLoggable(Level.DEBUG)) { // the address as text costs more than many an object of the connection
            LOG.log(
                    Level.DEBUG,
                    "{0} connected from {1}, session {2}",
                    clientId,
                    conversation.connection().peer(),
                    present ? "resumed" : "new");
        }
        KeepAlive.watch(conversation, this, admission.grantedKeepAliveSeconds(connect.keepAliveSeconds()));
        Packet.Connack connack = admission.connack(
                connect,
                clientId,
                assigned,
                present,
                expiry,
                conversation.connection().packetBytesMax(),
                authenticationData);
        conversation.established(resumed, rights, connect, connack, batch);
        if (journal.isStuck()) {
            conversation.onStuck();
        }
    }

    private void onStuck() {
        List.copyOf(conversations).forEach(Conversation::onStuck);
    }

    boolean isConnected(String clientId) {
        Session session = byClientId.get(clientId);
        return session != null && session.isConnected();
    }

    /** Ends what another connection has of the client [MQTT-3.1.4-3]; the session as it is then. */
    private @Nullable Session takeOver(String clientId) {
        Session session = byClientId.get(clientId);
        if (session != null && session.conversation() != null) {
            Conversation other = session.conversation();
            LOG.log(Level.INFO, "{0}: taken over by another connection", other);
            other.disconnect(
                    ReasonCode.SESSION_TAKEN_OVER, Explanation.of("another connection has this client identifier"));
        }
        return byClientId.get(clientId);
    }

    /** A conversation has ended; its session rests, or ends with it. */
    void ended(Conversation conversation, @Nullable Session session) {
        strangers.remove(conversation);
        if (conversations.remove(conversation)) {
            memory.add(-StateMemory.CONNECTION_BYTES);
        }
        if (session != null && conversation.equals(session.conversation())) {
            session.disconnected(now());
            absences.begin(session);
        }
    }

    private void expire(Session session) {
        if (session.expirySeconds() > 0) {
            counters.expireSession();
        }
        discard(session);
    }

    void discard(Session session) {
        absences.end(session);
        session.end();
        byClientId.remove(session.clientId(), session);
        byOwner.remove(session.owner(), session);
    }

    /** The journal has dropped deliveries of a session to make room. */
    public void dropped(long owner, long from, long to) {
        Session session = byOwner.get(owner);
        if (session != null) {
            session.dropped(from, to);
        } else {
            shares.dropped(owner, from, to);
        }
    }

    /** Ends all connections with 0x8B; no new one is taken. */
    public void shutDown() {
        entrance.close();
        Optional<String> reference = capabilities.redirect().map(Capabilities.Redirect::serverReference);
        ReasonCode reason =
                capabilities.redirect().map(Capabilities.Redirect::reason).orElse(ReasonCode.SERVER_SHUTTING_DOWN);
        strangers.turnAway();
        for (Conversation conversation : List.copyOf(conversations)) {
            conversation.disconnect(reason, reference, Explanation.of("the gateway is shutting down"));
        }
    }

    /** Ends the connections of users that are none any more, or have another password. */
    public void revoke(String guard, Set<String> users) {
        for (Conversation conversation : List.copyOf(conversations)) {
            if (conversation.isOf(guard, users)) {
                conversation.disconnect(ReasonCode.ADMINISTRATIVE_ACTION, Explanation.of("the user was removed"));
            }
        }
    }

    long now() {
        return journal.clock().now();
    }

    /** Whether more has come than may wait for the disk. */
    public boolean isCongested() {
        return ingress.isSpent();
    }

    Entrance entrance() {
        return entrance;
    }

    Ingress ingress() {
        return ingress;
    }

    Loop loop() {
        return loop;
    }

    Journal journal() {
        return journal;
    }

    Router router() {
        return router;
    }

    RetainedMessages retained() {
        return retained;
    }

    Admission admission() {
        return admission;
    }

    /** What clients are offered. */
    public Capabilities capabilities() {
        return capabilities;
    }

    /** Subscriptions of all sessions. */
    public int subscriptionCount() {
        return memory.subscriptionCount();
    }

    SessionLimits limits() {
        return limits;
    }

    public Counters counters() {
        return counters;
    }

    public Traffic traffic() {
        return traffic;
    }

    public ShareGroups shares() {
        return shares;
    }

    /** Sessions, connected or not. */
    public int count() {
        return byClientId.size();
    }

    /** Clients that are connected. */
    public int clientCount() {
        return conversations.size();
    }

    public int connectionCount() {
        return conversations.size() + strangers.count();
    }

    /** Unsettled deliveries of all sessions and shared subscriptions. */
    public long depth() {
        return shares.depth()
                + byClientId.values().stream()
                        .mapToLong(session -> session.outbox().depth())
                        .sum();
    }
}
