// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Rights;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who is turned away at CONNECT, whoever it is. On the broker thread. */
final class Entrance {

    private final Sessions sessions;
    private final Capabilities capabilities;
    private static final String UNWRITTEN =
            "the gateway's disk is full or cannot be written, and this session is not on it";

    private final SessionLimits limits;
    private final StateMemory memory;
    private boolean closed;

    Entrance(Sessions sessions, Capabilities capabilities, SessionLimits limits, StateMemory memory) {
        this.sessions = sessions;
        this.capabilities = capabilities;
        this.limits = limits;
        this.memory = memory;
    }

    /** The gateway shuts down. */
    void close() {
        closed = true;
    }

    /** Whether nobody, or nobody more, is served; the client has been told then. */
    boolean refuses(Conversation conversation, Packet.Connect connect) {
        Optional<Capabilities.Redirect> elsewhere =
                capabilities.redirect().filter(redirect -> closed || redirect.now());
        if (elsewhere.isPresent()) {
            conversation.refused(
                    elsewhere.get().reason(),
                    Optional.of(elsewhere.get().serverReference()),
                    "clients are served elsewhere");
            return true;
        }
        if (isClosedTo(conversation)) {
            return true;
        }
        boolean isMore = !sessions.isConnected(connect.clientId());
        if (isMore && sessions.clientCount() >= limits.connectionsMax()) {
            conversation.refused(ReasonCode.SERVER_BUSY, limits.connectionsMax() + " clients are connected");
            return true;
        }
        if (isMore && !memory.hasRoom(StateMemory.CONNECTION_BYTES)) {
            conversation.refused(ReasonCode.QUOTA_EXCEEDED, "no memory is left for another client");
            return true;
        }
        if (conversation.connection().isBeyondLimit()) {
            conversation.refused(ReasonCode.SERVER_BUSY, "this listener has as many connections as it may");
            return true;
        }
        Optional<String> method = connect.properties().authenticationMethod();
        if (method.isPresent() && !Login.offers(conversation.connection().guard(), method.get())) {
            conversation.refused(
                    ReasonCode.BAD_AUTHENTICATION_METHOD,
                    "this authentication method is not supported here"); // [MQTT-4.12.0-1]
            return true;
        }
        return false;
    }

    /** Whether the gateway shuts down; the client has been told then. */
    boolean isClosedTo(Conversation conversation) {
        if (closed) {
            conversation.refused(ReasonCode.SERVER_SHUTTING_DOWN, "the gateway is shutting down");
        }
        return closed;
    }

    /**
     * Whether it wants of the journal what that cannot take for now: a new durable session, or an old one with another expiry interval
     * or will; the client has been told then.
     *
     * @param known the session that it has, if there is one
     */
    boolean isUnwrittenFor(
            Conversation conversation,
            Packet.Connect connect,
            long expirySeconds,
            @Nullable Session known,
            Rights rights) {
        boolean unwritten;
        if (known != null && known.expirySeconds() > 0 && !connect.cleanStart()) {
            unwritten = sessions.journal().isStuck()
                    && !known.record().isSafe(expirySeconds, connect.will(), rights.identity());
        } else {
            unwritten = sessions.journal().isBlocked() && expirySeconds > 0;
        }
        if (unwritten) {
            conversation.refused(ReasonCode.QUOTA_EXCEEDED, UNWRITTEN);
        }
        return unwritten;
    }

    /** The journal is stuck, and what a session was promised is not in it; the client has been told then. */
    void refuseUnwritten(Conversation conversation, Session session, boolean isNew) {
        session.forgetWill();
        conversation.refused(ReasonCode.QUOTA_EXCEEDED, UNWRITTEN);
        if (isNew) {
            sessions.discard(session);
        }
    }

    /** Whether there is no room for another session with its will; the client has been told then. */
    boolean isFullFor(Conversation conversation, Packet.Connect connect, boolean isNew) {
        if (isNew && sessions.count() >= limits.sessionsMax()) {
            conversation.refused(ReasonCode.QUOTA_EXCEEDED, limits.sessionsMax() + " sessions are kept");
            return true;
        }
        long session = isNew ? StateMemory.ofSession(connect.clientId()) : 0;
        if (!memory.hasRoom(session + StateMemory.of(connect.will()))) {
            conversation.refused(ReasonCode.QUOTA_EXCEEDED, "no memory is left for this session and its will");
            return true;
        }
        return false;
    }
}
