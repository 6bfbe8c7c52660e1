// SPDX-License-Identifier: Apache-2.0
/**
 * The control packets of MQTT as immutable values, their reason codes and the one exception that says a peer broke the protocol.
 * Usable from any thread; imports {@code message} and {@code io.sluice.topic} only.
 */
@NullMarked
package io.sluice.gateway.packet;

import org.jspecify.annotations.NullMarked;
