// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** What one client subscribes to on one connection, and the retained messages that it gets for it. On the broker thread. */
final class Subscribing {

    private static final System.Logger LOG = System.getLogger(Subscribing.class.getName());

    /** Retained messages delivered in one turn, so that a wide filter does not hold up the others. */
    private static final int REPLAY_STEP = 64;

    private final Sessions sessions;
    private final Session session;
    private final Rights rights;
    private final OwedAnswers answers;
    private final ProtocolVersion version;
    private final Connection connection;
    private final Runnable pumpSoon;
    /** Subscriptions whose retained messages are to be sent, in the order in which they came. */
    private final Map<TopicFilter, Replay> replays = new LinkedHashMap<>();
    /** What is left to be sent for the first of them. */
    private final Queue<TopicName> topics = new ArrayDeque<>();

    private boolean firstBegun;

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

    void onSubscribe(Packet.Subscribe subscribe) {
        List<ReasonCode> reasons = new ArrayList<>();
        int id = subscribe.subscriptionId().orElse(0);
        long batch = 0;
        for (Subscription subscription : subscribe.subscriptions()) {
            TopicFilter filter = subscription.filter();
            if (!rights.maySubscribe(filter)) {
                sessions.counters().denySubscription();
                LOG.log(Level.INFO, "{0} {1}: may not subscribe to {2}", session, connection.peer(), filter);
                reasons.add(
                        version == ProtocolVersion.MQTT_5 ? ReasonCode.NOT_AUTHORIZED : ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            boolean isNew = !session.has(filter);
            if (isNew && !session.hasRoomFor(filter, sessions.limits().subscriptionsMax())) {
                reasons.add(
                        version == ProtocolVersion.MQTT_5 ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            batch = Math.max(batch, session.subscribe(subscription, id));
            reasons.add(granted(subscription));
            if (filter.share().isEmpty()) {
                wantRetained(subscription, id, isNew); // none are sent for a shared subscription, section 4.8.2
            }
        }
        answers.owe(new Packet.Suback(subscribe.packetId(), reasons, Explanation.NONE), batch); // [MQTT-3.8.4-6]
        pumpSoon.run();
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
        if (firstBegun && replays.keySet().iterator().next().equals(filter)) {
            endFirst();
        } else {
            replays.remove(filter);
        }
    }

    private void endFirst() {
        replays.remove(replays.keySet().iterator().next());
        topics.clear();
        firstBegun = false;
    }

    /**
     * Delivers the next retained messages, as they are now, while the client takes them. One filter after the other is looked up, so
     * that however often a client subscribes to everything, what it is owed is held only once.
     */
    void replayRetained() {
        for (int step = 0; step < REPLAY_STEP && !replays.isEmpty() && hasRoom(); step++) {
            Replay replay = replays.values().iterator().next();
            if (!firstBegun) {
                firstBegun = true;
                for (Message message :
                        sessions.retained().matching(replay.subscription().filter(), sessions.now())) {
                    topics.add(message.topic());
                }
            }
            TopicName topic = topics.poll();
            if (topics.isEmpty()) {
                endFirst();
            }
            if (topic != null) {
                sessions.retained()
                        .of(topic, sessions.now())
                        .ifPresent(message -> sessions.router()
                                .deliver(message, session, replay.subscription().maximumQos(), replay.ids()));
            }
        }
        if (!replays.isEmpty() && hasRoom()) {
            pumpSoon.run();
        }
    }

    private boolean hasRoom() {
        return session.outbox().hasRoom() && connection.isWritable();
    }

    void onUnsubscribe(Packet.Unsubscribe unsubscribe) {
        List<ReasonCode> reasons = new ArrayList<>();
        long batch = 0;
        for (TopicFilter filter : unsubscribe.filters()) {
            if (session.has(filter)) {
                forgetReplay(filter); // [MQTT-3.10.4-2]
                batch = Math.max(batch, session.unsubscribe(filter));
                reasons.add(ReasonCode.SUCCESS);
            } else {
                reasons.add(ReasonCode.NO_SUBSCRIPTION_EXISTED);
            }
        }
        answers.owe(new Packet.Unsuback(unsubscribe.packetId(), reasons, Explanation.NONE), batch); // [MQTT-3.10.4-4]
    }
}
