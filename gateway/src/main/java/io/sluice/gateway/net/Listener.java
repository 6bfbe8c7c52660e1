// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sluice.config.Settings;
import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.Verifier;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.session.Sessions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A TCP port on which MQTT clients are served: on the event loop that is the broker thread, or on one of its own, for the arithmetic of
 * TLS and the framing of WebSocket.
 */
public final class Listener implements AutoCloseable {

    private static final int BACKLOG = 1_024;

    private final String name;
    private final Channel channel;

    /**
     * The broker, as connections see it.
     *
     * @param eventLoop the one that is the broker thread
     * @param memory what all connections may hold outside of the heap
     * @param tlsMemory what TLS may take of the heap
     * @param intake how much is read at once
     * @param packetBytesMax the largest packet taken
     * @param clock milliseconds of the journal's clock
     */
    public record Broker(
            EventLoop eventLoop,
            ByteBufAllocator allocator,
            Loop loop,
            Sessions sessions,
            SocketMemory memory,
            TlsMemory tlsMemory,
            Intake intake,
            int packetBytesMax,
            LongSupplier clock) {

        /** @param state what is charged with what connections take of the heap */
        public Broker(
                EventLoop eventLoop,
                ByteBufAllocator allocator,
                Loop loop,
                Sessions sessions,
                SocketMemory memory,
                Budget state,
                int packetBytesMax,
                LongSupplier clock) {
            this(
                    eventLoop,
                    allocator,
                    loop,
                    sessions,
                    memory,
                    new TlsMemory(state, clock),
                    new Intake(),
                    packetBytesMax,
                    clock);
        }
    }

    private Listener(String name, Channel channel) {
        this.name = name;
        this.channel = channel;
    }

    /**
     * Binds the port; not on the broker thread.
     *
     * @param io the event loop for a listener that has one of its own
     * @param guard who says which clients may come in; empty for all
     * @param verifier reads certificates that were renewed
     * @throws IOException if the address cannot be bound or a certificate cannot be used; the message says which
     */
    public static Listener open(
            Settings.Listener settings, Broker broker, EventLoop io, Optional<Guard> guard, Verifier verifier)
            throws IOException {
        ServerTls tls =
                settings.tls().isEmpty() ? null : new ServerTls(settings.tls().get());
        EventLoop eventLoop = settings.ownThread() ? io : broker.eventLoop();
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoop, eventLoop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, broker.allocator())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.AUTO_READ, !settings.ownThread())
                .childOption(
                        ChannelOption.RCVBUF_ALLOCATOR,
                        broker.intake()
                                .sizing(new AdaptiveRecvByteBufAllocator(512, 2_048, 64 << 10)
                                        .maxMessagesPerRead(settings.ownThread() ? 1 : 4)))
                .handler(new AcceptRate(settings.limits().connectionRate()))
                .childHandler(new Pipeline(settings, broker, guard, tls))
                .bind(new InetSocketAddress(settings.bind(), settings.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("listener %s: cannot listen on %s:%d: %s"
                    .formatted(
                            settings.name(),
                            settings.bind(),
                            settings.port(),
                            bound.cause().getMessage()));
        }
        if (tls != null) {
            broker.loop().execute(() -> tls.watch(broker.loop(), verifier));
        }
        return new Listener(settings.name(), bound.channel());
    }

    public String name() {
        return name;
    }

    /** The address that is listened on, with the port that was taken if 0 was asked for. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Takes no more connections; those that there are go on. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }
}
