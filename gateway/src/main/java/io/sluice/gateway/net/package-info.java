// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets: listeners and the connections that they take. Netty ends here: inwards a connection is packets for a conversation. On a
 * small machine the sockets' event loop is the broker thread. Imports Netty, {@code codec}, {@code session}, {@code packet},
 * {@code message} and {@code loop}.
 */
@NullMarked
package io.sluice.gateway.net;

import org.jspecify.annotations.NullMarked;
