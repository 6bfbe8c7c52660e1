// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import java.io.IOException;
import java.net.SocketException;

/**
 * Turns what ends a connection to upstream below MQTT, such as a certificate that is not trusted, into an event for the connection,
 * which tells the bridge. On the channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a close shows in the channel's own events
final class LinkTrouble extends ChannelInboundHandlerAdapter {

    /** What went wrong, for people. */
    record Trouble(String text) {}

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (isTrouble(cause)) {
            context.fireUserEventTriggered(new Trouble(text(cause)));
            context.close();
        } else {
            context.fireExceptionCaught(cause);
        }
    }

    /** Whether it is the world's doing, and no bug. */
    static boolean isTrouble(Throwable cause) {
        return cause instanceof IOException || cause instanceof CodecException;
    }

    static String text(Throwable cause) {
        Throwable shown = cause;
        if (cause.getCause() != null
                && (cause instanceof CodecException || cause.getCause() instanceof SocketException)) {
            shown = cause.getCause(); // Netty has wrapped it
        }
        String message = shown.getMessage();
        return shown.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
