// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.packet.ReasonCode;

/** What upstream's answer to a PUBLISH means for the delivery (MQTT 5.0 section 3.4.2.1). */
enum Verdict {
    /** Settled. */
    TAKEN,
    /** Not now: tried again a few times. */
    LATER,
    /** Never, however often it is tried: parked. */
    NEVER;

    static Verdict of(ReasonCode reason) {
        if (!reason.isError()) {
            return TAKEN;
        }
        return switch (reason) {
            case UNSPECIFIED_ERROR,
                    IMPLEMENTATION_SPECIFIC_ERROR,
                    SERVER_UNAVAILABLE,
                    SERVER_BUSY,
                    PACKET_IDENTIFIER_IN_USE,
                    RECEIVE_MAXIMUM_EXCEEDED,
                    MESSAGE_RATE_TOO_HIGH,
                    QUOTA_EXCEEDED -> LATER;
            default -> NEVER;
        };
    }
}
