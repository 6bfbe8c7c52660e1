// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.Rights;
import io.sluice.gateway.access.ScramExchange;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What lies between a client's CONNECT and its CONNACK where rules hold: who it is, and what it may do. On the broker thread. */
final class Login implements Scram.Outcome {

    private final Sessions sessions;
    private final Conversation conversation;
    private final Packet.Connect connect;
    private final Guard guard;
    private final @Nullable Scram scram;

    Login(Sessions sessions, Conversation conversation, Packet.Connect connect, Guard guard) {
        this.sessions = sessions;
        this.conversation = conversation;
        this.connect = connect;
        this.guard = guard;
        this.scram =
                connect.properties().authenticationMethod().isPresent() ? new Scram(conversation, guard, this) : null;
    }

    /** Asks who the client is; what it has sent behind CONNECT is not looked at before that is known [MQTT-3.1.4-6]. */
    void begin() {
        Connection connection = conversation.connection();
        Optional<String> certificateName = connection.certificateName();
        if (scram != null) {
            scram.begin(connect.properties().authenticationData());
        } else if (certificateName.isPresent()) {
            admit(certificateName, Optional.empty());
        } else {
            connection.hold(true);
            guard.login(connect.userName(), connect.password(), verdict -> {
                if (!conversation.isEnded()) {
                    on(verdict);
                    connection.hold(false);
                }
            });
        }
    }

    private void on(Guard.Verdict verdict) {
        switch (verdict) {
            case GRANTED -> admit(connect.userName(), Optional.empty());
            case WRONG ->
                conversation.refused(
                        ReasonCode.BAD_USER_NAME_OR_PASSWORD, "unknown user name or wrong password"); // [MQTT-3.1.4-2]
            case NAMELESS -> conversation.refused(ReasonCode.NOT_AUTHORIZED, "a user name is needed here");
            case BUSY -> conversation.refused(ReasonCode.SERVER_BUSY, "too many clients log in at this moment");
        }
    }

    /** A packet before CONNACK: there can only be AUTH, or DISCONNECT [MQTT-3.1.2-30]. */
    void on(Packet packet) throws ProtocolException {
        if (packet instanceof Packet.Auth auth && scram != null) {
            scram.on(auth);
        } else if (packet instanceof Packet.Disconnect) {
            conversation.leave();
        } else {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    "MQTT-3.1.2-30",
                    "only AUTH and DISCONNECT may come before authentication is complete");
        }
    }

    @Override
    public void proved(String user, Payload last) {
        admit(Optional.of(user), Optional.of(last));
    }

    @Override
    public void failed(ReasonCode reason, String why) {
        conversation.refused(reason, why); // [MQTT-4.12.0-4]
    }

    private void admit(Optional<String> user, Optional<Payload> authenticationData) {
        Rights rights = guard.rights(user, connect.clientId());
        boolean willAllowed = connect.will()
                .map(will -> rights.mayPublish(will.message().topic()))
                .orElse(true);
        if (willAllowed) {
            sessions.admit(conversation, connect, rights, authenticationData);
        } else {
            conversation.refused(ReasonCode.NOT_AUTHORIZED, "the rules do not allow the topic of the will");
        }
    }

    /** Whether the method is one that can be used here. */
    static boolean offers(Optional<Guard> guard, String method) {
        return method.equals(ScramExchange.METHOD)
                && guard.filter(Guard::hasUsers).isPresent();
    }
}
