// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.packet;

/**
 * The peer broke the protocol. Caught in one place, which answers with CONNACK or DISCONNECT carrying the reason and closes that
 * one connection.
 */
public final class ProtocolException extends Exception {

    private final ReasonCode reason;
    private final String statement;

    /**
     * @param reason what the peer is told, an error
     * @param statement the id of the normative statement that was broken, such as {@code MQTT-3.3.2-8}
     * @param text what was expected and what was found
     */
    public ProtocolException(ReasonCode reason, String statement, String text) {
        super(text, null, false, false);
        this.reason = reason;
        this.statement = statement;
    }

    public ReasonCode reason() {
        return reason;
    }

    public String statement() {
        return statement;
    }

    /** What was expected and what was found, for the log and the reason string. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
