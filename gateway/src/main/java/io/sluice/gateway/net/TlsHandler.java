// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLEngine;

/** Netty's TLS, which says how much it holds of a record that has not come whole. On the connection's own event loop. */
final class TlsHandler extends SslHandler {

    private int told;

    /**
     * Tells of a change.
     *
     * @param bytes the size of the buffer in which the record is
     */
    record Incomplete(int bytes) {}

    TlsHandler(SSLEngine engine) {
        super(engine);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        int holds = actualReadableBytes() == 0 ? 0 : internalBuffer().capacity();
        if (holds != told && !context.isRemoved()) {
            told = holds;
            context.fireUserEventTriggered(new Incomplete(holds));
        }
    }
}
