// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;

/**
 * Makes the two common kinds of refusal. Where the specification names the reason code it is taken from there; elsewhere its
 * definitions decide (MQTT 5.0 section 1.2): what cannot be parsed is malformed, what was parsed and is not allowed is a protocol
 * error.
 */
final class Refusal {

    /** The statement for errors that the specification describes without a number of their own (section 4.13.1). */
    static final String UNNUMBERED = "MQTT-4.13.1-1";

    private Refusal() {}

    static ProtocolException malformed(String statement, String text) {
        return new ProtocolException(ReasonCode.MALFORMED_PACKET, statement, text);
    }

    static ProtocolException protocolError(String statement, String text) {
        return new ProtocolException(ReasonCode.PROTOCOL_ERROR, statement, text);
    }
}
