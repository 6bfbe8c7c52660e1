// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Router;
import java.lang.System.Logger.Level;

/** What one client publishes on one connection, and what it is told about it. On the broker thread. */
final class Publishing {

    private static final System.Logger LOG = System.getLogger(Publishing.class.getName());

    /** Topics that only the gateway publishes to. */
    private static final String STATISTICS = "$SYS/";

    private final Sessions sessions;
    private final Session session;
    private final Rights rights;
    private final OwedAnswers answers;
    private final ProtocolVersion version;
    private final Conversation conversation;
    private final Withheld withheld;
    /** QoS 1 and 2 messages that were taken and whose PUBACK or PUBCOMP has not gone out. */
    private int unacknowledged;

    /** The latest batch that an answer has waited for: what is repeated waits for no less. */
    private long latestBatch;

    private boolean refusalLogged;
    private boolean denialLogged;

    Publishing(
            Sessions sessions,
            Session session,
            Rights rights,
            OwedAnswers answers,
            ProtocolVersion version,
            Conversation conversation) {
        this.sessions = sessions;
        this.session = session;
        this.rights = rights;
        this.answers = answers;
        this.version = version;
        this.conversation = conversation;
        this.withheld = new Withheld(sessions.loop(), sessions.ingress(), this::again, this::tooLong);
    }

    void onPublish(Packet.Publish publish) throws ProtocolException {
        Capabilities offered = sessions.capabilities();
        if (publish.message().qos().level() > offered.maximumQos().level()) {
            throw new ProtocolException(
                    ReasonCode.QOS_NOT_SUPPORTED,
                    "MQTT-3.2.2-11",
                    "QoS must be at most " + offered.maximumQos().level());
        }
        if (publish.message().retain() && !offered.retain()) {
            throw new ProtocolException(
                    ReasonCode.RETAIN_NOT_SUPPORTED, "MQTT-3.2.2-14", "retained messages are not offered");
        }
        if (publish.message().topic().value().startsWith(STATISTICS)) {
            deny(publish, "clients must not publish below " + STATISTICS); // the gateway's own [MQTT-4.7.2-1]
            return;
        }
        if (!rights.mayPublish(publish.message().topic())) {
            deny(publish, "the rules do not allow this topic");
            return;
        }
        if (withheld.isHolding()) {
            withheld.add(publish); // one read from the socket may bring many packets
        } else if (!take(publish)) {
            withheld.add(publish);
            conversation.withhold(true);
        }
    }

    /** Publishing goes on where it was withheld, as far as there is room. */
    private void again() {
        try {
            while (withheld.isHolding() && take(withheld.head())) {
                withheld.taken();
            }
        } catch (ProtocolException broken) {
            conversation.onBroken(broken);
        }
        if (!withheld.isHolding()) {
            conversation.withhold(false);
        }
    }

    private void tooLong() {
        LOG.log(Level.WARNING, "{0}: no room came for its messages in time; disconnected", conversation);
        conversation.disconnect(ReasonCode.QUOTA_EXCEEDED, Explanation.NONE);
    }

    void end() {
        withheld.end();
    }

    /** Takes a message in; false if its acknowledgement is withheld and it must come again. */
    private boolean take(Packet.Publish publish) throws ProtocolException {
        return switch (publish.message().qos()) {
            case AT_MOST_ONCE -> {
                sessions.router().route(publish.message(), session, 0, 0);
                yield true;
            }
            case AT_LEAST_ONCE -> {
                admit();
                yield onQos1(publish);
            }
            case EXACTLY_ONCE -> onQos2(publish);
        };
    }

    /**
     * Nobody may, or not this client. Who speaks 3.1.1 cannot be told: the message is acknowledged and dropped, because a connection
     * that is closed for it would come back with the same message for ever.
     */
    private void deny(Packet.Publish publish, String why) throws ProtocolException {
        sessions.counters().dropDenied();
        if (!denialLogged) {
            denialLogged = true;
            LOG.log(
                    Level.INFO,
                    "{0}: may not publish to {1}, and perhaps to others",
                    conversation,
                    publish.message().topic().value());
        }
        ReasonCode reason = version == ProtocolVersion.MQTT_5 ? ReasonCode.NOT_AUTHORIZED : ReasonCode.SUCCESS;
        switch (publish.message().qos()) {
            case AT_MOST_ONCE -> {}
            case AT_LEAST_ONCE -> {
                admit();
                owe(new Packet.Puback(publish.packetId(), reason, Explanation.of(why)), 0);
            }
            case EXACTLY_ONCE -> {
                if (reason.isError()) {
                    admit();
                }
                owe(new Packet.Pubrec(publish.packetId(), reason, Explanation.of(why)), 0);
            }
        }
    }

    private void admit() throws ProtocolException {
        unacknowledged++;
        if (version == ProtocolVersion.MQTT_5
                && unacknowledged > sessions.limits().receiveMaximum()) {
            throw new ProtocolException(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "MQTT-3.3.4-7",
                    "more than " + sessions.limits().receiveMaximum() + " messages without acknowledgement");
        }
    }

    private boolean onQos1(Packet.Publish publish) {
        Router.Routed routed = sessions.router().route(publish.message(), session, 0, 0);
        if (isWithheld(routed)) {
            return !routed.again();
        }
        ReasonCode reason = version == ProtocolVersion.MQTT_5 ? routed.reason() : ReasonCode.SUCCESS;
        owe(new Packet.Puback(publish.packetId(), reason, explanation(reason)), routed.batch());
        return true;
    }

    private boolean onQos2(Packet.Publish publish) throws ProtocolException {
        int packetId = publish.packetId();
        if (!session.received().hasRoomFor(packetId)) {
            throw new ProtocolException(
                    ReasonCode.QUOTA_EXCEEDED, "MQTT-4.13.2-1", "no memory is left for another packet identifier");
        }
        if (!session.received().receive(packetId)) {
            owe(pubrec(packetId, ReasonCode.SUCCESS), 0); // the same message again [MQTT-4.3.3-10]
            return true;
        }
        admit();
        Message message = publish.message();
        Router.Routed routed = sessions.router().route(message, session, session.owner(), packetId);
        if (routed.reason().isError()) {
            session.received().release(packetId); // refused, the identifier is free again [MQTT-4.3.3-9]
        }
        if (isWithheld(routed)) {
            return !routed.again();
        }
        ReasonCode reason = version == ProtocolVersion.MQTT_5 ? routed.reason() : ReasonCode.SUCCESS;
        owe(pubrec(packetId, reason), routed.batch());
        return true;
    }

    /** 3.1.1 has no way to refuse a message: it gets no acknowledgement, and one that may be let in later comes again. */
    private boolean isWithheld(Router.Routed routed) {
        if (!routed.reason().isError()) {
            return false;
        }
        if (!refusalLogged) {
            refusalLogged = true;
            LOG.log(Level.WARNING, "{0}: messages are refused: {1}", conversation, routed.reason());
        }
        if (version == ProtocolVersion.MQTT_5) {
            return false;
        }
        unacknowledged--; // it has not been taken
        return true;
    }

    private static Packet.Pubrec pubrec(int packetId, ReasonCode reason) {
        return new Packet.Pubrec(packetId, reason, explanation(reason));
    }

    private static Explanation explanation(ReasonCode reason) {
        return reason == ReasonCode.QUOTA_EXCEEDED
                ? Explanation.of(
                        "the gateway's limit on retained messages or on disk space is reached, or its disk cannot be written")
                : Explanation.NONE;
    }

    void onPubrel(Packet.Pubrel pubrel) {
        int packetId = pubrel.packetId();
        boolean known = session.received().release(packetId);
        long batch = known && session.isDurable() ? sessions.journal().completed(session.owner(), packetId) : 0;
        ReasonCode reason = known || version != ProtocolVersion.MQTT_5
                ? ReasonCode.SUCCESS
                : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
        Explanation why = reason.isError()
                ? Explanation.of("no message with packet identifier " + packetId + " waits for its release")
                : Explanation.NONE;
        owe(new Packet.Pubcomp(packetId, reason, why), batch); // [MQTT-4.3.3-11]
    }

    private void owe(Packet answer, long batch) {
        latestBatch = Math.max(latestBatch, batch);
        answers.owe(answer, latestBatch);
    }

    /** An answer has gone out, which may free the client's quota. */
    void answered(Packet packet) {
        boolean frees = packet instanceof Packet.Puback
                || (packet instanceof Packet.Pubcomp pubcomp
                        && !pubcomp.reason().isError())
                || (packet instanceof Packet.Pubrec pubrec && pubrec.reason().isError());
        if (frees && unacknowledged > 0) {
            unacknowledged--;
        }
    }
}
