// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets: listeners and the connections that they take, with TLS and WebSocket where a listener asks for it ({@code Pipeline} is the
 * table of contents), and the links that bridges have to upstream ({@code UpstreamLink}; {@code Dialer} builds their pipelines). Netty ends
 * here: inwards a connection is packets for a conversation, a link what {@code bridge.Upstream} says. The event loop of plain sockets is
 * the broker thread; a listener may have one beside it, and links with TLS or WebSocket are on it, with {@code HandOver} as the border;
 * {@code EventLoops} has both. What connections hold is counted, in {@code SocketMemory} outside of the heap, in {@code TlsMemory} on it.
 * Imports Netty,
 * the settings, {@code access}, {@code bridge.Upstream}, {@code codec}, {@code memory}, {@code session}, {@code packet},
 * {@code message} and {@code loop}.
 */
@NullMarked
package io.sluice.gateway.net;

import org.jspecify.annotations.NullMarked;
