// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.packet;

/** When retained messages are sent on SUBSCRIBE (MQTT 5.0 section 3.8.3.1), in the order of their numbers 0, 1, 2. */
public enum RetainHandling {
    SEND,
    SEND_IF_NEW,
    NEVER
}
