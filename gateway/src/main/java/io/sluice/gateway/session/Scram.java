// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.ScramExchange;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Enhanced authentication (MQTT 5.0 section 4.12) by SCRAM-SHA-256, on one connection: the exchange before CONNACK, and each one after
 * it. On the broker thread.
 */
final class Scram {

    private final Conversation conversation;
    private final Guard guard;
    private final Outcome outcome;
    private @Nullable ScramExchange exchange;
    private boolean awaitsFirst;
    private boolean looksUp;

    /** How an exchange ends. */
    interface Outcome {
        /** @param last what the client is told to be sure of the server */
        void proved(String user, Payload last);

        void failed(ReasonCode reason, String why);
    }

    Scram(Conversation conversation, Guard guard, Outcome outcome) {
        this.conversation = conversation;
        this.guard = guard;
        this.outcome = outcome;
    }

    /** Begins with what came with CONNECT, or with AUTH and {@code RE_AUTHENTICATE}; without data the client is asked for it. */
    void begin(Optional<Payload> data) {
        exchange = null;
        if (data.isEmpty()) {
            awaitsFirst = true;
            ask(Optional.empty());
        } else {
            first(data.get());
        }
    }

    private void first(Payload data) {
        awaitsFirst = false;
        looksUp = true;
        guard.scram(data, begun -> {
            looksUp = false;
            if (conversation.isEnded()) {
                return;
            }
            if (begun.isPresent()) {
                exchange = begun.get();
                ask(Optional.of(begun.get().challenge()));
            } else {
                outcome.failed(ReasonCode.NOT_AUTHORIZED, "not a SCRAM-SHA-256 exchange that could be begun");
            }
        });
    }

    private void ask(Optional<Payload> data) {
        conversation
                .connection()
                .send(new Packet.Auth(
                        ReasonCode.CONTINUE_AUTHENTICATION, // [MQTT-4.12.0-2]
                        Optional.of(ScramExchange.METHOD), // [MQTT-4.12.0-5]
                        data,
                        Explanation.NONE));
    }

    /** The client goes on. */
    void on(Packet.Auth auth) throws ProtocolException {
        check(auth);
        ScramExchange current = exchange;
        if (auth.reason() != ReasonCode.CONTINUE_AUTHENTICATION || looksUp || (current == null && !awaitsFirst)) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "MQTT-4.12.0-3", "AUTH that continues nothing: " + auth.reason());
        }
        Payload data = auth.authenticationData().orElse(Payload.empty());
        if (current == null) {
            first(data);
            return;
        }
        exchange = null;
        Optional<Payload> last = current.prove(data);
        if (last.isPresent()) {
            outcome.proved(current.user(), last.get());
        } else {
            outcome.failed(ReasonCode.NOT_AUTHORIZED, "unknown user name or wrong password");
        }
    }

    static void check(Packet.Auth auth) throws ProtocolException {
        if (!auth.authenticationMethod().equals(Optional.of(ScramExchange.METHOD))) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "MQTT-4.12.0-5", "AUTH must name the method that CONNECT had");
        }
    }

    /** Whether nothing is under way, so that a new exchange may begin. */
    boolean isIdle() {
        return exchange == null && !awaitsFirst && !looksUp;
    }
}
