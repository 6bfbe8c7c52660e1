// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.topic.TopicFilter;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one client subscribes to on one connection, and the retained messages that it gets for it. On the broker thread. */
final class Subscribing {

    private static final System.Logger LOG = System.getLogger(Subscribing.class.getName());

    /** Retained messages delivered in one turn, so that a wide filter does not hold up the others. */
    private static final int REPLAY_STEP = 64;

    /** Topics that are looked at for each of them. */
    private static final int LOOK_STEP = 256;

    /** MQTT 5.0 section 3.2.2.3 gives these rules no number. */
    private static final String NOT_OFFERED = "MQTT-4.13.1-1";

    private final Sessions sessions;
    private final Session session;
    private final Rights rights;
    private final OwedAnswers answers;
    private final ProtocolVersion version;
    private final Connection connection;
    private final Runnable pumpSoon;
    /** Subscriptions whose retained messages are to be sent, in the order in which they came. */
    private final Map<TopicFilter, Replay> replays = new LinkedHashMap<>();
    /** How far the first of them is. */
    private long position;

    private boolean waitsForForce;

    private record Replay(Subscription subscription, List<Integer> ids) {}

    /** @param pumpSoon has what may be sent sent, {@link #replayRetained} included, at the end of the turn */
    Subscribing(
            Sessions sessions,
            Session session,
            Rights rights,
            OwedAnswers answers,
            ProtocolVersion version,
            Connection connection,
            Runnable pumpSoon) {
        this.sessions = sessions;
        this.session = session;
        this.rights = rights;
        this.answers = answers;
        this.version = version;
        this.connection = connection;
        this.pumpSoon = pumpSoon;
    }

    void onSubscribe(Packet.Subscribe subscribe) throws ProtocolException {
        if (subscribe.subscriptionId().isPresent() && !sessions.capabilities().subscriptionIdentifiers()) {
            throw new ProtocolException(
                    ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                    NOT_OFFERED,
                    "subscription identifiers are not offered");
        }
        List<ReasonCode> reasons = new ArrayList<>();
        int id = subscribe.subscriptionId().orElse(0);
        long batch = 0;
        for (Subscription asked : subscribe.subscriptions()) {
            if (!isOffered(asked.filter())) {
                reasons.add(ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            Subscription subscription = asked.atMost(sessions.capabilities().maximumQos()); // [MQTT-3.2.2-10]
            TopicFilter filter = subscription.filter();
            if (!rights.maySubscribe(filter)) {
                sessions.counters().denySubscription();
                LOG.log(Level.INFO, "{0} {1}: may not subscribe to {2}", session, connection.peer(), filter);
                reasons.add(
                        version == ProtocolVersion.MQTT_5 ? ReasonCode.NOT_AUTHORIZED : ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            boolean isNew = !session.subscriptions().has(filter);
            if ((isNew && !session.subscriptions().hasRoomFor(filter)) || mayNotBeWritten(subscription, id)) {
                reasons.add(
                        version == ProtocolVersion.MQTT_5 ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            batch = Math.max(batch, session.subscriptions().subscribe(subscription, id));
            reasons.add(granted(subscription));
            if (filter.share().isEmpty()) {
                wantRetained(subscription, id, isNew); // none are sent for a shared subscription, section 4.8.2
            }
        }
        answers.owe(new Packet.Suback(subscribe.packetId(), reasons, why(reasons)), batch); // [MQTT-3.8.4-6]
        pumpSoon.run();
    }

    /** Whether the journal would have to take it, and takes nothing but what makes room. */
    private boolean mayNotBeWritten(Subscription subscription, int id) {
        return session.isDurable()
                && sessions.journal().isBlocked()
                && !session.subscriptions().has(subscription, id);
    }

    private static Explanation why(List<ReasonCode> reasons) {
        return reasons.contains(ReasonCode.QUOTA_EXCEEDED)
                ? Explanation.of(
                        "the limit on subscriptions, of this session or of all, is reached, or the disk cannot be written")
                : Explanation.NONE;
    }

    /**
     * Whether such filters are offered.
     *
     * @throws ProtocolException if not, and the client has been told so in CONNACK
     */
    private boolean isOffered(TopicFilter filter) throws ProtocolException {
        Capabilities offered = sessions.capabilities();
        boolean shared = filter.share().isPresent() && !offered.sharedSubscriptions();
        boolean wildcard = filter.hasWildcard() && !offered.wildcardSubscriptions();
        if (version == ProtocolVersion.MQTT_5 && (shared || wildcard)) {
            throw new ProtocolException(
                    shared
                            ? ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED
                            : ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
                    NOT_OFFERED,
                    "%s subscriptions are not offered".formatted(shared ? "shared" : "wildcard"));
        }
        return !shared && !wildcard;
    }

    private static ReasonCode granted(Subscription subscription) {
        return switch (subscription.maximumQos()) {
            case AT_MOST_ONCE -> ReasonCode.SUCCESS;
            case AT_LEAST_ONCE -> ReasonCode.GRANTED_QOS_1;
            case EXACTLY_ONCE -> ReasonCode.GRANTED_QOS_2;
        };
    }

    private void wantRetained(Subscription subscription, int id, boolean isNew) {
        RetainHandling handling = subscription.retainHandling();
        if (handling == RetainHandling.NEVER || (handling == RetainHandling.SEND_IF_NEW && !isNew)) {
            return; // [MQTT-3.3.1-10, -11]
        }
        forgetReplay(subscription.filter());
        replays.put(subscription.filter(), new Replay(subscription, id == 0 ? List.of() : List.of(id)));
    }

    private void forgetReplay(TopicFilter filter) {
        if (!replays.isEmpty() && replays.keySet().iterator().next().equals(filter)) {
            position = 0;
        }
        replays.remove(filter);
    }

    /**
     * Delivers the next retained messages, as they are now, while the client takes them. One filter after the other is gone through,
     * and nothing is remembered but how far, so that however often a client subscribes to everything, it costs no memory.
     */
    void replayRetained() {
        for (int step = 0; step < REPLAY_STEP && !replays.isEmpty() && hasRoom(); step++) {
            Replay replay = replays.values().iterator().next();
            RetainedMessages.Page page =
                    sessions.retained().page(replay.subscription().filter(), position, LOOK_STEP, 1, sessions.now());
            position = page.last();
            if (page.isLast()) {
                forgetReplay(replay.subscription().filter());
            }
            for (Message message : page.messages()) {
                sessions.router()
                        .deliver(message, session, replay.subscription().maximumQos(), replay.ids());
            }
        }
        if (!replays.isEmpty() && sessions.isCongested()) {
            goOnWhenForced();
        } else if (!replays.isEmpty() && hasRoom()) {
            pumpSoon.run();
        }
    }

    /** Retained messages are written for each durable session that gets them: the disk must keep up. */
    private void goOnWhenForced() {
        if (!waitsForForce) {
            waitsForForce = true;
            sessions.journal().whenForced(sessions.journal().lastBatch(), () -> {
                waitsForForce = false;
                pumpSoon.run();
            });
        }
    }

    /** What it would have to read from disk again is not delivered yet. */
    private boolean hasRoom() {
        return session.outbox().takesDirectly() && connection.isWritable() && !sessions.isCongested();
    }

    void onUnsubscribe(Packet.Unsubscribe unsubscribe) {
        List<ReasonCode> reasons = new ArrayList<>();
        long batch = 0;
        for (TopicFilter filter : unsubscribe.filters()) {
            if (session.subscriptions().has(filter)) {
                forgetReplay(filter); // [MQTT-3.10.4-2]
                batch = Math.max(batch, session.subscriptions().unsubscribe(filter));
                reasons.add(ReasonCode.SUCCESS);
            } else {
                reasons.add(ReasonCode.NO_SUBSCRIPTION_EXISTED);
            }
        }
        answers.owe(new Packet.Unsuback(unsubscribe.packetId(), reasons, Explanation.NONE), batch); // [MQTT-3.10.4-4]
    }
}
