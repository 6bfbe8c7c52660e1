// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.OptionalInt;

/** The return codes that CONNACK has in 3.1.1 (section 3.2.2.3 there), and the reason codes of 5.0 they stand for. */
final class ConnackReturnCode {

    private ConnackReturnCode() {}

    /**
     * The return code for a reason; empty where 3.1.1 has none, so that the connection is closed without a CONNACK (3.1.1,
     * section 3.2.2.3).
     */
    static OptionalInt of(ReasonCode reason) {
        return switch (reason) {
            case SUCCESS -> OptionalInt.of(0);
            case UNSUPPORTED_PROTOCOL_VERSION -> OptionalInt.of(1);
            case CLIENT_IDENTIFIER_NOT_VALID -> OptionalInt.of(2);
            case SERVER_UNAVAILABLE,
                    SERVER_BUSY,
                    SERVER_SHUTTING_DOWN,
                    USE_ANOTHER_SERVER,
                    SERVER_MOVED,
                    CONNECTION_RATE_EXCEEDED,
                    QUOTA_EXCEEDED -> OptionalInt.of(3);
            case BAD_USER_NAME_OR_PASSWORD -> OptionalInt.of(4);
            case NOT_AUTHORIZED, BANNED -> OptionalInt.of(5);
            default -> OptionalInt.empty();
        };
    }

    static ReasonCode reason(int returnCode) throws ProtocolException {
        return switch (returnCode) {
            case 0 -> ReasonCode.SUCCESS;
            case 1 -> ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
            case 2 -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
            case 3 -> ReasonCode.SERVER_UNAVAILABLE;
            case 4 -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            case 5 -> ReasonCode.NOT_AUTHORIZED;
            default ->
                throw Refusal.protocolError(
                        "MQTT-3.2.2-8", "CONNACK: the return code must be 0 to 5, found " + returnCode);
        };
    }
}
