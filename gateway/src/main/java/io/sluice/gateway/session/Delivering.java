// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Delivery;
import io.sluice.topic.Qos;
import java.util.List;

/** What one client is sent on one connection, and what it says to that. On the broker thread. */
final class Delivering {

    /** Deliveries that may wait in memory for the end of the turn. */
    private static final int PUMP_AT_ONCE = 64;

    private final Sessions sessions;
    private final Session session;
    private final OwedAnswers answers;
    private final Connection connection;
    private final SendWindow window;
    private Runnable whenIdle = () -> {};
    private boolean begun;
    private boolean ended;
    private boolean pumpDue;

    /** @param receiveMaximum the client's, 1 to 65,535 */
    Delivering(Sessions sessions, Session session, OwedAnswers answers, Connection connection, int receiveMaximum) {
        this.sessions = sessions;
        this.session = session;
        this.answers = answers;
        this.connection = connection;
        this.window = new SendWindow(session.outbox(), receiveMaximum);
    }

    /** Runs the task whenever the client could take more than its outbox has. */
    void whenIdle(Runnable task) {
        whenIdle = task;
    }

    /** CONNACK has gone out: what was under way before goes on, in order [MQTT-4.4.0-1]. */
    void begin() {
        begun = true;
        for (long sequence : session.outbox().released()) {
            window.sent();
            connection.send(pubrel(SendWindow.packetId(sequence)));
        }
        session.outbox().unpark();
        pumpSoon();
    }

    void end() {
        ended = true;
    }

    void onPuback(Packet.Puback puback) {
        window.acknowledge(puback.packetId());
        pumpSoon();
    }

    void onPubrec(Packet.Pubrec pubrec) {
        int packetId = pubrec.packetId();
        if (window.awaitsPubrec(packetId)) {
            if (pubrec.reason().isError()) {
                window.refuse(packetId); // [MQTT-4.4.0-2]
                pumpSoon();
            } else {
                answers.owe(pubrel(packetId), window.release(packetId)); // [MQTT-4.3.3-4]
            }
        } else if (window.awaitsPubcomp(packetId)) {
            answers.owe(pubrel(packetId), 0);
        } else {
            answers.owe(
                    new Packet.Pubrel(
                            packetId,
                            ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                            Explanation.of("no QoS 2 delivery has packet identifier " + packetId)),
                    0);
        }
    }

    void onPubcomp(Packet.Pubcomp pubcomp) {
        if (window.awaitsPubcomp(pubcomp.packetId())) {
            window.complete(pubcomp.packetId());
            pumpSoon();
        }
    }

    private static Packet.Pubrel pubrel(int packetId) {
        return new Packet.Pubrel(packetId, ReasonCode.SUCCESS, Explanation.NONE);
    }

    /** Whether more could be sent than what waits already. */
    boolean hasQuota() {
        return begun
                && !ended
                && connection.isWritable()
                && window.room() > session.outbox().waiting();
    }

    boolean publishQos0(Message message, boolean retain, List<Integer> subscriptionIds) {
        if (!begun || !connection.isWritable()) {
            return false;
        }
        if (!connection.publish(message, Qos.AT_MOST_ONCE, false, retain, 0, subscriptionIds, remaining(message))) {
            sessions.counters().dropTooLarge();
        }
        return true;
    }

    /** A delivery was offered: sent at the end of this turn, or at once when many wait, so that one turn cannot fill the outbox. */
    void offered() {
        if (session.outbox().waiting() >= PUMP_AT_ONCE) {
            sessions.router().whenRouted(this::pump);
        } else {
            pumpSoon();
        }
    }

    /** The journal has dropped deliveries, of which some may be under way. */
    void recount() {
        window.recount();
        pumpSoon();
    }

    /** Sends what may be sent, at the end of this turn. */
    void pumpSoon() {
        if (!pumpDue && !ended) {
            pumpDue = true;
            sessions.loop().atTurnEnd(() -> {
                pumpDue = false;
                pump();
            });
        }
    }

    private void pump() {
        while (!ended && begun && window.isOpen() && connection.isWritable()) {
            Delivery delivery = session.outbox().next();
            if (delivery == null) {
                whenIdle.run();
                return;
            }
            window.sent();
            boolean fits = connection.publish(
                    delivery.message(),
                    delivery.qos(),
                    delivery.repeated(), // [MQTT-3.3.1-1]
                    delivery.retain(),
                    SendWindow.packetId(delivery.sequence()),
                    delivery.subscriptionIds(),
                    remaining(delivery.message()));
            if (!fits) {
                sessions.counters().dropTooLarge(); // as if it had been sent [MQTT-3.1.2-25]
                window.abandon(delivery.sequence());
            }
        }
        if (session.outbox().waiting() > 0) {
            session.outbox().stall();
        }
    }

    private long remaining(Message message) {
        return message.remainingSeconds(sessions::now); // [MQTT-3.3.2-6]
    }
}
