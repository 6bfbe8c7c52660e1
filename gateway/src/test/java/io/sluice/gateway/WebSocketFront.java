// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/**
 * What stands before a broker in a cloud: takes WebSockets at {@code /mqtt}, as Netty's own implementation understands them, and passes
 * what is in their frames on to the broker's TCP port.
 */
public final class WebSocketFront implements AutoCloseable {

    private static final int FRAME_BYTES_MAX = 1 << 20;

    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final AtomicInteger opened = new AtomicInteger();
    private final Channel server;
    private final int target;

    /** Speaks HTTP. */
    public WebSocketFront(int target) {
        this(target, Optional.empty());
    }

    /** Speaks HTTPS. */
    public WebSocketFront(int target, Path certificate, Path key) throws SSLException {
        this(
                target,
                Optional.of(SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                        .build()));
    }

    private WebSocketFront(int target, Optional<SslContext> tls) {
        this.target = target;
        this.server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(8_192))
                                .addLast(new WebSocketServerProtocolHandler("/mqtt", "mqtt", false, FRAME_BYTES_MAX))
                                .addLast(new FromOutside());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** How many WebSockets were opened. */
    public int opened() {
        return opened.get();
    }

    /** Frames to bytes for the broker. */
    private final class FromOutside extends SimpleChannelInboundHandler<WebSocketFrame> {

        /** What was read together with the request. */
        private final List<ByteBuf> early = new ArrayList<>();

        private Optional<Channel> broker = Optional.empty();

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                opened.incrementAndGet();
                Channel outside = context.channel();
                outside.config().setAutoRead(false); // until there is somebody to whom it can be passed on
                ChannelFuture connecting = new Bootstrap()
                        .group(outside.eventLoop())
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .handler(new FromBroker(outside))
                        .connect(InetAddress.getLoopbackAddress(), target);
                broker = Optional.of(connecting.channel());
                connecting.addListener(done -> {
                    if (done.isSuccess()) {
                        early.forEach(connecting.channel()::write);
                        early.clear();
                        connecting.channel().flush();
                        outside.config().setAutoRead(true);
                    } else {
                        outside.close();
                    }
                });
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            ByteBuf bytes = frame.content().retain();
            if (broker.orElseThrow().isActive()) {
                broker.orElseThrow().writeAndFlush(bytes);
            } else {
                early.add(bytes);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            early.forEach(ByteBuf::release);
            early.clear();
            broker.ifPresent(Channel::close);
        }
    }

    /** The broker's bytes to frames. */
    private static final class FromBroker extends ChannelInboundHandlerAdapter {

        private final Channel outside;

        FromBroker(Channel outside) {
            this.outside = outside;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            outside.writeAndFlush(new BinaryWebSocketFrame((ByteBuf) bytes));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            outside.close();
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
