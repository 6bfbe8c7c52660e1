// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One network connection's dialogue with the broker, from its first packet to its end. On the broker thread.
 */
public final class Conversation {

    private static final System.Logger LOG = System.getLogger(Conversation.class.getName());

    private final Sessions sessions;
    private final Connection connection;
    private final OwedAnswers answers;
    private final Reading reading;
    private @Nullable Established established;
    private @Nullable Login login;
    private boolean connackSent;
    private boolean ended;
    private Loop.Timer silence = () -> {};

    Conversation(Sessions sessions, Connection connection) {
        this.sessions = sessions;
        this.connection = connection;
        this.answers = new OwedAnswers(sessions.journal(), sessions.ingress(), this::answer);
        this.reading = new Reading(sessions, connection);
    }

    /** What CONNECT has settled, for the connection. */
    private record Established(
            Session session,
            Rights rights,
            ProtocolVersion version,
            Delivering delivering,
            Publishing publishing,
            Subscribing subscribing,
            boolean resumed,
            Optional<Reauthentication> reauthentication) {}

    Connection connection() {
        return connection;
    }

    /** As {@link Reading#silentSince}. */
    long silentSince() {
        return reading.silentSince();
    }

    boolean isEnded() {
        return ended;
    }

    /** A packet has come in. Nothing comes after the conversation has ended. */
    public void on(Packet packet) {
        if (ended) {
            return;
        }
        reading.heard();
        sessions.traffic().received(packet);
        try {
            Established now = established;
            Login current = login;
            if (now == null && current != null) {
                current.on(packet);
            } else if (now == null) {
                begin(packet);
            } else {
                dispatch(now, packet);
            }
        } catch (ProtocolException broken) {
            onBroken(broken);
        }
    }

    private void begin(Packet packet) throws ProtocolException {
        if (packet instanceof Packet.Connect connect) {
            connection.speak(
                    connect.version(),
                    connect.properties(),
                    sessions.capabilities().topicAliasMaximum());
            sessions.connect(this, connect);
        } else {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "MQTT-3.1.0-1", "the first packet must be CONNECT");
        }
    }

    private void dispatch(Established now, Packet packet) throws ProtocolException {
        switch (packet) {
            case Packet.Publish publish -> now.publishing.onPublish(publish);
            case Packet.Puback puback -> now.delivering.onPuback(puback);
            case Packet.Pubrec pubrec -> now.delivering.onPubrec(pubrec);
            case Packet.Pubrel pubrel -> now.publishing.onPubrel(pubrel);
            case Packet.Pubcomp pubcomp -> now.delivering.onPubcomp(pubcomp);
            case Packet.Subscribe subscribe -> now.subscribing.onSubscribe(subscribe);
            case Packet.Unsubscribe unsubscribe -> now.subscribing.onUnsubscribe(unsubscribe);
            case Packet.Pingreq ignored -> onPingreq();
            case Packet.Disconnect disconnect -> onDisconnect(now, disconnect);
            case Packet.Auth auth -> {
                if (now.reauthentication.isEmpty()) {
                    throw new ProtocolException(
                            ReasonCode.PROTOCOL_ERROR,
                            "MQTT-4.12.0-7",
                            "AUTH without an authentication method in CONNECT");
                }
                now.reauthentication.get().on(auth);
            }
            case Packet.Connect ignored ->
                throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "MQTT-3.1.0-2", "a second CONNECT");
            case Packet.Connack ignored -> throw fromServerOnly();
            case Packet.Suback ignored -> throw fromServerOnly();
            case Packet.Unsuback ignored -> throw fromServerOnly();
            case Packet.Pingresp ignored -> throw fromServerOnly();
        }
    }

    /** Answered at once, even while the journal is being forced for a long time [MQTT-3.12.4-1]. */
    private void onPingreq() {
        if (connackSent) {
            connection.send(new Packet.Pingresp());
        } else {
            answers.owe(new Packet.Pingresp(), 0);
        }
    }

    private static ProtocolException fromServerOnly() {
        return new ProtocolException(
                ReasonCode.PROTOCOL_ERROR, "MQTT-4.13.1-1", "a packet that only a server may send");
    }

    /** CONNECT was accepted. */
    void established(Session session, Rights rights, Packet.Connect connect, Packet.Connack connack, long batch) {
        Delivering delivering = new Delivering(
                sessions, session, answers, connection, connect.properties().receiveMaximum());
        Subscribing subscribing = new Subscribing(
                sessions, session, rights, answers, connect.version(), connection, delivering::pumpSoon);
        delivering.whenIdle(() -> {
            subscribing.replayRetained();
            session.pumpShared();
        });
        established = new Established(
                session,
                rights,
                connect.version(),
                delivering,
                new Publishing(sessions, session, rights, answers, connect.version(), this),
                subscribing,
                connack.sessionPresent(),
                connect.properties()
                        .authenticationMethod()
                        .flatMap(method -> connection.guard())
                        .map(guard -> new Reauthentication(this, guard, rights)));
        answers.owe(connack, batch);
    }

    /** CONNECT has come, and the client has yet to prove who it is. */
    void login(Login begun) {
        login = begun;
        begun.begin();
    }

    /** The client goes before it is connected. */
    void leave() {
        end();
        connection.close();
    }

    /** CONNECT was refused [MQTT-3.1.4-6]. */
    void refused(ReasonCode reason, String why) {
        refused(reason, Optional.empty(), why);
    }

    /** @param serverReference another server to use */
    void refused(ReasonCode reason, Optional<String> serverReference, String why) {
        LOG.log(Level.INFO, "{0}: refused: {1}, {2}", connection.peer(), reason, why);
        connection.send(new Packet.Connack(
                false,
                reason,
                Packet.ConnackProperties.refusing(serverReference, Explanation.of(why)))); // [MQTT-3.2.2-6]
        end();
        connection.close();
    }

    /** Whether its client is one of these users, known to this guard. */
    boolean isOf(String guard, Set<String> users) {
        Established now = established;
        return now != null
                && now.rights.identity().filter(users::contains).isPresent()
                && connection.guard().filter(its -> its.name().equals(guard)).isPresent();
    }

    private void answer(Packet packet) {
        connection.send(packet);
        Established now = established;
        if (now == null) {
            return;
        }
        if (packet instanceof Packet.Connack && !connackSent) {
            connackSent = true;
            now.delivering.begin();
            now.session.begun();
        } else {
            now.publishing.answered(packet);
        }
    }

    private void onDisconnect(Established now, Packet.Disconnect disconnect) throws ProtocolException {
        OptionalLong expiry = disconnect.sessionExpirySeconds();
        if (expiry.isPresent()) {
            if (now.session.expirySeconds() == 0 && expiry.getAsLong() > 0) {
                throw new ProtocolException(
                        ReasonCode.PROTOCOL_ERROR,
                        "MQTT-3.1.2-23",
                        "DISCONNECT must not set a session expiry interval when CONNECT had none");
            }
            now.session.expireAfter(sessions.admission().grantedExpirySeconds(expiry.getAsLong()));
        }
        if (disconnect.reason() == ReasonCode.SUCCESS) {
            now.session.forgetWill(); // [MQTT-3.14.4-3]
        }
        end();
        connection.close(); // [MQTT-3.14.4-2]
    }

    /** The client broke the protocol: it is told why, and the connection is closed [MQTT-4.13.1-1]. */
    public void onBroken(ProtocolException broken) {
        if (ended) {
            return;
        }
        String text = broken.text() + " [" + broken.statement() + "]";
        if (established == null) {
            refused(broken.reason(), text);
        } else {
            LOG.log(Level.INFO, "{0}: {1}: {2}", this, broken.reason(), text);
            disconnect(broken.reason(), Explanation.of(text));
        }
    }

    /** Ends the connection with a reason that the client is told, where its version and its state allow it. */
    void disconnect(ReasonCode reason, Explanation explanation) {
        disconnect(reason, Optional.empty(), explanation);
    }

    /** @param serverReference another server to use */
    void disconnect(ReasonCode reason, Optional<String> serverReference, Explanation explanation) {
        if (ended) {
            return;
        }
        Established now = established;
        if (now != null && now.version == ProtocolVersion.MQTT_5 && connackSent) { // [MQTT-3.14.0-1]
            connection.send(new Packet.Disconnect(reason, OptionalLong.empty(), serverReference, explanation));
        }
        end();
        connection.close();
    }

    /** The network connection is gone. */
    public void onClosed() {
        end();
    }

    /** Keeps the timer that watches over its silence, in place of the one before; it ends with the conversation. */
    public void watch(Loop.Timer timer) {
        silence.cancel();
        silence = timer;
    }

    private void end() {
        if (!ended) {
            ended = true;
            silence.cancel();
            answers.end();
            reading.end();
            Established now = established;
            if (now != null) {
                now.delivering.end();
                now.publishing.end();
            }
            sessions.ended(this, now == null ? null : now.session);
        }
    }

    /** The outbox of a session that is not durable has run full: its end, because a gap would be worse. */
    void tooSlow() {
        sessions.loop().atTurnEnd(() -> {
            if (!ended) {
                LOG.log(Level.WARNING, "{0}: too slow, its outbox in memory is full; disconnected", this);
                disconnect(ReasonCode.QUOTA_EXCEEDED, Explanation.of("the outbox of this session is full"));
            }
        });
    }

    /** The time in which CONNECT must come is over. */
    public void connectIsDue() {
        if (!ended && established == null) {
            LOG.log(Level.INFO, "{0}: no CONNECT came", this);
            end();
            connection.close();
        }
    }

    /** Whether the client is not read for now, so that nothing can come from it. */
    boolean isReadPaused() {
        return reading.isPaused();
    }

    /** Whether what the client publishes waits for room: it is not read meanwhile. */
    void withhold(boolean now) {
        reading.withhold(now);
    }

    /** There is room in the socket again. */
    public void onWritable() {
        Established now = established;
        if (now != null) {
            now.delivering.pumpSoon();
            now.session.pumpShared(); // what goes with QoS 0 waits for the socket alone, not for the window
        }
    }

    boolean publishQos0(Message message, boolean retain, List<Integer> subscriptionIds) {
        Established now = established;
        return now != null && now.delivering.publishQos0(message, retain, subscriptionIds);
    }

    /** Whether CONNACK has gone out and a QoS 0 message may follow. */
    boolean isWritable() {
        return connackSent && connection.isWritable();
    }

    /** Whether another message with QoS 1 or 2 may be sent now. */
    boolean hasQuota() {
        Established now = established;
        return now != null && connackSent && now.delivering.hasQuota();
    }

    /** A delivery was offered to the session's outbox. */
    void offered() {
        if (established != null) {
            established.delivering.offered();
        }
    }

    /** The journal has dropped deliveries, of which some may be under way. */
    void recount() {
        if (established != null) {
            established.delivering.recount();
        }
    }

    /** Sends what may be sent, at the end of this turn. */
    void pumpSoon() {
        if (established != null) {
            established.delivering.pumpSoon();
        }
    }

    /** After a batch of packets: reading goes on only while what is taken in is bounded. */
    public void onReadComplete() {
        reading.onReadComplete();
    }

    /**
     * Nothing can be written for now. Who waits for CONNACK gets it if all that it says is in the journal, and a refusal otherwise; and
     * whoever was not read because the disk was behind is read, because it may be what makes room.
     */
    void onStuck() {
        Established now = established;
        if (now != null && !ended && !connackSent) {
            if (now.session.record().isSafe()) {
                answers.leaveFirst();
            } else {
                sessions.entrance().refuseUnwritten(this, now.session, !now.resumed);
            }
        }
        reading.resume();
    }

    @Override
    public String toString() {
        Established now = established;
        return (now == null ? "" : now.session.clientId() + " ") + connection.peer();
    }
}
