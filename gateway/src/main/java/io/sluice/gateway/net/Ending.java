// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * Ends the outgoing half of a connection in the way of each layer, once everything before {@link #END} has gone out: TLS says
 * close_notify, then TCP says FIN. Stands behind TLS. On the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of it shows in the channel's own events
final class Ending extends ChannelOutboundHandlerAdapter {

    /** The last thing that is written. */
    static final Object END = new Object();

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!message.equals(END)) {
            context.write(message, promise);
            return;
        }
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess()) {
                end(context.channel());
            } else {
                context.channel().close();
            }
        });
        promise.trySuccess();
    }

    private static void end(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            ((SocketChannel) channel).shutdownOutput();
        } else {
            tls.closeOutbound().addListener(said -> ((SocketChannel) channel).shutdownOutput());
        }
    }
}
