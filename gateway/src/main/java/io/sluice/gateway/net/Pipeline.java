// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.sluice.config.Settings;
import io.sluice.gateway.access.Guard;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What a listener's connections are made of, from the wire inwards. */
final class Pipeline extends ChannelInitializer<SocketChannel> {

    private final Settings.Listener settings;
    private final Listener.Broker broker;
    private final Optional<Guard> guard;
    private final @Nullable ServerTls tls;
    private final AtomicInteger open = new AtomicInteger();

    Pipeline(Settings.Listener settings, Listener.Broker broker, Optional<Guard> guard, @Nullable ServerTls tls) {
        this.settings = settings;
        this.broker = broker;
        this.guard = guard;
        this.tls = tls;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        boolean beyondLimit =
                open.incrementAndGet() > settings.limits().connections().orElse(Integer.MAX_VALUE);
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast(tls.handler(settings.limits().connectTimeout()));
        }
        pipeline.addLast(new Ending());
        settings.webSocketPath().ifPresent(path -> WebSocketUpgrade.addTo(pipeline, settings.name(), path));
        MqttConnection connection = new MqttConnection(broker, channel, guard, terms(beyondLimit));
        if (settings.ownThread()) {
            pipeline.addLast(new HandOver(
                    settings.name(),
                    broker.intake(),
                    bug -> broker.loop().execute(() -> broker.loop().bug(bug))));
            if (tls != null) {
                pipeline.addLast(broker.eventLoop(), new TlsAccount(broker.tlsMemory(), broker.memory()));
            }
            pipeline.addLast(broker.eventLoop(), connection);
        } else {
            pipeline.addLast(connection);
        }
    }

    private MqttConnection.Terms terms(boolean beyondLimit) {
        return new MqttConnection.Terms(
                settings.ownThread(),
                Math.min(settings.limits().packetBytes().orElse(Integer.MAX_VALUE), broker.packetBytesMax()),
                settings.limits().connectTimeout(),
                beyondLimit,
                settings.tls()
                        .filter(its -> its.identity() == Settings.Identity.COMMON_NAME)
                        .isPresent());
    }
}
