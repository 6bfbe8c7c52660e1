// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets: listeners and the connections that they take, with TLS and WebSocket where a listener asks for it ({@code Pipeline} is the
 * table of contents). Netty ends here: inwards a connection is packets for a conversation. The event loop of plain sockets is the broker
 * thread; a listener may have one beside it, with {@code HandOver} as the border. Imports Netty, the settings, {@code access},
 * {@code codec}, {@code session}, {@code packet}, {@code message} and {@code loop}.
 */
@NullMarked
package io.sluice.gateway.net;

import org.jspecify.annotations.NullMarked;
