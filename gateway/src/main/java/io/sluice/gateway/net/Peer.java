// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.Channel;

/** A connection's other end, for the log. */
final class Peer {

    private Peer() {}

    static String of(Channel channel) {
        return channel.remoteAddress() == null
                ? "unknown"
                : channel.remoteAddress().toString().substring(1);
    }
}
