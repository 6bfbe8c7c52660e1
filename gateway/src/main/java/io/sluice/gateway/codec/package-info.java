// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes to packets and back: Sluice's own MQTT 5.0 and 3.1.1 codec, strict in what it takes, in place in the
 * arrays behind Netty's buffers. Runs on the thread of the connection; imports Netty, {@code packet}, {@code message} and {@code io.sluice.topic}.
 */
@NullMarked
package io.sluice.gateway.codec;

import org.jspecify.annotations.NullMarked;
