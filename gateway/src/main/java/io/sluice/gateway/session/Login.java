// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.Rights;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;

/** What lies between a client's CONNECT and its CONNACK where rules hold: who it is, and what it may do. On the broker thread. */
final class Login {

    private final Sessions sessions;
    private final Conversation conversation;
    private final Packet.Connect connect;
    private final Guard guard;

    Login(Sessions sessions, Conversation conversation, Packet.Connect connect, Guard guard) {
        this.sessions = sessions;
        this.conversation = conversation;
        this.connect = connect;
        this.guard = guard;
    }

    /** Asks who the client is; what it has sent behind CONNECT is not looked at before that is known [MQTT-3.1.4-6]. */
    void begin() {
        Connection connection = conversation.connection();
        connection.hold(true);
        guard.login(connect.userName(), connect.password(), verdict -> {
            if (!conversation.isEnded()) {
                on(verdict);
                connection.hold(false);
            }
        });
    }

    private void on(Guard.Verdict verdict) {
        switch (verdict) {
            case GRANTED -> admit(connect.userName());
            case WRONG ->
                conversation.refused(
                        ReasonCode.BAD_USER_NAME_OR_PASSWORD, "unknown user name or wrong password"); // [MQTT-3.1.4-2]
            case NAMELESS -> conversation.refused(ReasonCode.NOT_AUTHORIZED, "a user name is needed here");
            case BUSY -> conversation.refused(ReasonCode.SERVER_BUSY, "too many clients log in at this moment");
        }
    }

    private void admit(Optional<String> user) {
        Rights rights = guard.rights(user, connect.clientId());
        boolean willAllowed = connect.will()
                .map(will -> rights.mayPublish(will.message().topic()))
                .orElse(true);
        if (willAllowed) {
            sessions.admit(conversation, connect, rights);
        } else {
            conversation.refused(ReasonCode.NOT_AUTHORIZED, "the rules do not allow the topic of the will");
        }
    }
}
