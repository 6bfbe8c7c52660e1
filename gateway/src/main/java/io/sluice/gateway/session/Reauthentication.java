// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.Rights;
import io.sluice.gateway.access.ScramExchange;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;

/**
 * A connected client that proves anew who it is (MQTT 5.0 section 4.12.1) while everything else goes on. It must be who it was. On the
 * broker thread.
 */
final class Reauthentication implements Scram.Outcome {

    private final Conversation conversation;
    private final Rights rights;
    private final Scram scram;

    Reauthentication(Conversation conversation, Guard guard, Rights rights) {
        this.conversation = conversation;
        this.rights = rights;
        this.scram = new Scram(conversation, guard, this);
    }

    void on(Packet.Auth auth) throws ProtocolException {
        if (auth.reason() == ReasonCode.RE_AUTHENTICATE && scram.isIdle()) {
            Scram.check(auth);
            scram.begin(auth.authenticationData());
        } else {
            scram.on(auth);
        }
    }

    @Override
    public void proved(String user, Payload last) {
        if (rights.identity().equals(Optional.of(user))) {
            conversation
                    .connection()
                    .send(new Packet.Auth(
                            ReasonCode.SUCCESS,
                            Optional.of(ScramExchange.METHOD),
                            Optional.of(last),
                            Explanation.NONE));
        } else {
            failed(ReasonCode.NOT_AUTHORIZED, "a connection stays with the user with whom it began");
        }
    }

    @Override
    public void failed(ReasonCode reason, String why) {
        conversation.disconnect(reason, Explanation.of(why)); // [MQTT-4.12.1-2]
    }
}
