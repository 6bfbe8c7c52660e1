// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.packet;

import io.sluice.gateway.message.Message;

/**
 * The will of a CONNECT packet (MQTT 5.0 section 3.1.2.5).
 *
 * @param message what is published; its message expiry interval starts when it is
 * @param delaySeconds the will delay interval, 0 to 4,294,967,295
 */
public record Will(Message message, long delaySeconds) {

    /** Whether the same would be published at the same time, whenever either was received. */
    public boolean isSameAs(Will other) {
        return delaySeconds == other.delaySeconds && message.isSameAs(other.message);
    }
}
