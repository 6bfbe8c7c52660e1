// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.TopicFilter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** What one client subscribes to on one connection, and the retained messages that it gets for it. On the broker thread. */
final class Subscribing {

    /** Retained messages delivered in one turn, so that a wide filter does not hold up the others. */
    private static final int REPLAY_STEP = 64;

    private final Sessions sessions;
    private final Session session;
    private final OwedAnswers answers;
    private final ProtocolVersion version;
    private final Queue<Replay> replays = new ArrayDeque<>();

    private record Replay(Message message, Subscription subscription, List<Integer> ids) {}

    Subscribing(Sessions sessions, Session session, OwedAnswers answers, ProtocolVersion version) {
        this.sessions = sessions;
        this.session = session;
        this.answers = answers;
        this.version = version;
    }

    void onSubscribe(Packet.Subscribe subscribe) {
        List<ReasonCode> reasons = new ArrayList<>();
        int id = subscribe.subscriptionId().orElse(0);
        long batch = 0;
        for (Subscription subscription : subscribe.subscriptions()) {
            TopicFilter filter = subscription.filter();
            if (filter.share().isPresent()) {
                reasons.add(
                        version == ProtocolVersion.MQTT_5
                                ? ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED
                                : ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            boolean isNew = !session.has(filter);
            batch = Math.max(batch, session.subscribe(subscription, id));
            reasons.add(granted(subscription));
            collectRetained(subscription, id, isNew);
        }
        answers.owe(new Packet.Suback(subscribe.packetId(), reasons, Explanation.NONE), batch); // [MQTT-3.8.4-6]
        replayRetained();
    }

    private static ReasonCode granted(Subscription subscription) {
        return switch (subscription.maximumQos()) {
            case AT_MOST_ONCE -> ReasonCode.SUCCESS;
            case AT_LEAST_ONCE -> ReasonCode.GRANTED_QOS_1;
            case EXACTLY_ONCE -> ReasonCode.GRANTED_QOS_2;
        };
    }

    private void collectRetained(Subscription subscription, int id, boolean isNew) {
        RetainHandling handling = subscription.retainHandling();
        if (handling == RetainHandling.NEVER || (handling == RetainHandling.SEND_IF_NEW && !isNew)) {
            return; // [MQTT-3.3.1-10, -11]
        }
        List<Integer> ids = id == 0 ? List.of() : List.of(id);
        for (Message message : sessions.retained().matching(subscription.filter(), sessions.now())) {
            replays.add(new Replay(message, subscription, ids));
        }
    }

    /** Delivers the next retained messages while there is room; what is left follows when the client has taken some. */
    void replayRetained() {
        for (int step = 0;
                step < REPLAY_STEP && !replays.isEmpty() && session.outbox().hasRoom();
                step++) {
            Replay replay = replays.remove();
            sessions.router()
                    .deliver(replay.message(), session, replay.subscription().maximumQos(), replay.ids());
        }
        if (!replays.isEmpty() && session.outbox().hasRoom()) {
            sessions.loop().execute(this::replayRetained);
        }
    }

    void onUnsubscribe(Packet.Unsubscribe unsubscribe) {
        List<ReasonCode> reasons = new ArrayList<>();
        long batch = 0;
        for (TopicFilter filter : unsubscribe.filters()) {
            if (session.has(filter)) {
                batch = Math.max(batch, session.unsubscribe(filter));
                reasons.add(ReasonCode.SUCCESS);
            } else {
                reasons.add(ReasonCode.NO_SUBSCRIPTION_EXISTED);
            }
        }
        answers.owe(new Packet.Unsuback(unsubscribe.packetId(), reasons, Explanation.NONE), batch); // [MQTT-3.10.4-4]
    }
}
