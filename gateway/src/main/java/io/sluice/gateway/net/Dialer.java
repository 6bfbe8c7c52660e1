// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.sluice.config.Settings;
import io.sluice.gateway.loop.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Makes the sockets of one link: looks the host up and reads what TLS needs on a thread that may wait for it, tries each of the
 * host's addresses, and gives what it gets to the connection. On the broker thread, if nothing else is said.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a close is of no interest, and a connect has a listener
final class Dialer {

    /** Read in small portions, one in a turn of the loop: an answer has four bytes, and others want their turn. */
    private static final int READ_BYTES_MAX = 16 << 10;

    private final UpstreamLink.Place place;
    private final Settings.Upstream settings;
    private final Loop loop;
    private final ThreadPoolExecutor lookUps;

    Dialer(UpstreamLink.Place place, Settings.Upstream settings, Loop loop) {
        this.place = place;
        this.settings = settings;
        this.loop = loop;
        // One thread, which goes away when it is idle. While a look-up hangs, only the last attempt waits for it.
        this.lookUps = new ThreadPoolExecutor(
                1,
                1,
                100,
                TimeUnit.MILLISECONDS,
                new ArrayBlockingQueue<>(1),
                this::thread,
                new ThreadPoolExecutor.DiscardOldestPolicy());
        lookUps.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable task) {
        return Thread.ofPlatform()
                .daemon()
                .name("bridge " + settings.clientId() + " look-up")
                .unstarted(task);
    }

    /** One attempt, which can be given up. */
    interface Attempt {
        void cancel();
    }

    /** What a look-up gave. */
    private record Found(List<InetAddress> hosts, Optional<SSLContext> tls) {}

    /** Begins to connect; the connection is given its channel, or told why there is none. */
    Attempt dial(URI address, UpstreamConnection connection) {
        Dialling dialling = new Dialling(new UpstreamAddress(address), connection);
        lookUps.execute(dialling::lookUp);
        return dialling;
    }

    private final class Dialling implements Attempt {
        private final UpstreamAddress address;
        private final UpstreamConnection connection;
        private volatile boolean cancelled;
        private Optional<Channel> trying = Optional.empty();

        Dialling(UpstreamAddress address, UpstreamConnection connection) {
            this.address = address;
            this.connection = connection;
        }

        /** Waits for name servers and files; on the thread for that. */
        void lookUp() {
            if (cancelled) {
                return;
            }
            try {
                Found found = new Found(
                        List.of(InetAddress.getAllByName(address.host())),
                        address.isSecure() ? Optional.of(TlsClient.context(settings.tls())) : Optional.empty());
                loop.execute(() -> tryFrom(0, found));
            } catch (IOException e) {
                loop.execute(() -> connection.failed(e));
            }
        }

        private void tryFrom(int index, Found found) {
            if (cancelled) {
                return;
            }
            ChannelFuture connecting = bootstrap(address.isApart())
                    .connect(new InetSocketAddress(found.hosts().get(index), address.port()));
            trying = Optional.of(connecting.channel());
            connecting.addListener(done -> {
                if (done.isSuccess()) {
                    join(connecting.channel(), found.tls());
                } else {
                    loop.execute(() -> tryNext(index, found, done.cause()));
                }
            });
        }

        private void tryNext(int failed, Found found, Throwable why) {
            if (failed + 1 < found.hosts().size()) {
                tryFrom(failed + 1, found);
            } else {
                connection.failed(why);
            }
        }

        /** Builds the pipeline, from the wire inwards; on the channel's event loop. Nothing is read before the connection asks. */
        private void join(Channel channel, Optional<SSLContext> tls) {
            ChannelPipeline pipeline = channel.pipeline();
            tls.ifPresent(context -> pipeline.addLast(secure(context)));
            pipeline.addLast(new Ending());
            if (address.isWebSocket()) {
                WebSocketRequest.addTo(pipeline, address);
            }
            if (address.isApart()) {
                pipeline.addLast(new LinkTrouble());
                pipeline.addLast(new HandOver("upstream", new Intake(), bug -> loop.execute(() -> loop.bug(bug))));
            }
            pipeline.addLast(place.eventLoop(), connection);
        }

        private SslHandler secure(SSLContext context) {
            SSLEngine engine = context.createSSLEngine(address.host(), address.port());
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must name the host
            engine.setSSLParameters(parameters);
            SslHandler handler = new SslHandler(engine);
            handler.setHandshakeTimeoutMillis(settings.connectTimeout().toMillis());
            return handler;
        }

        @Override
        public void cancel() {
            cancelled = true;
            trying.ifPresent(Channel::close);
        }
    }

    private Bootstrap bootstrap(boolean apart) {
        EventLoop eventLoop = apart ? place.io() : place.eventLoop();
        long timeoutMillis = Math.clamp(settings.connectTimeout().toMillis(), 1, Integer.MAX_VALUE);
        return new Bootstrap()
                .group(eventLoop)
                .channelFactory(NioSocketChannel::new)
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.ALLOCATOR, place.allocator())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeoutMillis)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(place.waitingBytesMax() / 4, place.waitingBytesMax()))
                .option(
                        ChannelOption.RCVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(512, 2_048, READ_BYTES_MAX).maxMessagesPerRead(1))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        // Empty until it is connected, because the next address would need the same handlers.
                    }
                });
    }
}
