// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CodecException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * The border between a connection's own event loop, on which it lives, and the broker thread, on which the next handler does. One batch,
 * which is what one read from the socket brought, is under way at a time: the socket is not read on before the broker thread has
 * taken it and asks for more, so that no client can fill the memory between the two.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a close shows in the channel's own events
final class HandOver extends ChannelDuplexHandler {

    private static final System.Logger LOG = System.getLogger(HandOver.class.getName());

    private final String listener;
    private final Intake intake;
    private final Consumer<Throwable> onBug;
    private @Nullable ByteBuf batch;
    private boolean asked;
    private boolean shaken;

    /** Whom a certificate names. */
    record Shown(Optional<String> commonName) {}

    HandOver(String listener, Intake intake, Consumer<Throwable> onBug) {
        this.listener = listener;
        this.intake = intake;
        this.onBug = onBug;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        ByteBuf before = batch;
        if (before == null) {
            batch = bytes;
            return;
        }
        ByteBuf joined = context.alloc().buffer(before.readableBytes() + bytes.readableBytes());
        batch = joined.writeBytes(before).writeBytes(bytes);
        before.release();
        bytes.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (shaken && isShakingAgain(context)) {
            LOG.log(
                    Level.INFO,
                    "{0} {1}: a TLS renegotiation, which nobody needs",
                    listener,
                    Peer.of(context.channel()));
            context.close();
            return;
        }
        goOn(context);
    }

    /** A client may ask for handshakes without end in TLS 1.2, each of which costs us more than it. */
    private static boolean isShakingAgain(ChannelHandlerContext context) {
        return context.pipeline().get(SslHandler.class).engine().getHandshakeSession() != null;
    }

    /** The broker thread asks for more. */
    @Override
    public void read(ChannelHandlerContext context) {
        asked = true;
        goOn(context);
    }

    private void goOn(ChannelHandlerContext context) {
        ByteBuf full = batch;
        if (!asked) {
            return;
        }
        if (full == null) {
            context.read();
            return;
        }
        asked = false;
        batch = null;
        intake.handOver(full.readableBytes());
        context.fireChannelRead(full);
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ByteBuf last = batch;
        batch = null;
        if (last != null) {
            intake.handOver(last.readableBytes());
            context.fireChannelRead(last);
        }
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            shaken = true;
            context.fireUserEventTriggered(new Shown(commonName(context)));
        } else {
            super.userEventTriggered(context, event);
        }
    }

    private static Optional<String> commonName(ChannelHandlerContext context) {
        try {
            Certificate[] chain = context.pipeline()
                    .get(SslHandler.class)
                    .engine()
                    .getSession()
                    .getPeerCertificates();
            return CommonName.of((X509Certificate) chain[0]);
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }

    /** What a client does wrong below MQTT ends its connection; anything else is a bug of ours. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof CodecException) {
            Throwable root = cause.getCause() == null ? cause : cause.getCause();
            LOG.log(
                    Level.INFO,
                    "{0} {1}: {2}",
                    listener,
                    Peer.of(context.channel()),
                    String.valueOf(root.getMessage()));
        } else {
            onBug.accept(cause);
        }
        context.close();
    }
}
