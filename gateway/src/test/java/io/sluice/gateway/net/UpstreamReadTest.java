// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.sluice.config.Settings;
import io.sluice.gateway.bridge.Upstream;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a link asks its socket for more, which it must do once for each time that more has come. */
final class UpstreamReadTest {

    private static final URI ADDRESS = URI.create("mqtt://127.0.0.1:1883");
    private static final String CONNACK = "2003000000";

    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final Loop loop = new Loop(group.next());
    private final NioSocketChannel channel = new NioSocketChannel();
    private UpstreamConnection connection;
    private int reads;

    @BeforeEach
    void begin() {
        channel.config().setAutoRead(false); // as the dialer has it
        group.register(channel).syncUninterruptibly();
        onLoop(() -> {
            Settings.Upstream settings = new Settings.Upstream(
                    List.of(ADDRESS),
                    "test",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ofSeconds(20),
                    Duration.ofHours(1),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(20),
                    Duration.ofMillis(200),
                    10);
            connection = new UpstreamConnection(1, ADDRESS, settings, 1 << 16, loop, new Nobody(), () -> 0);
            channel.pipeline().addLast(new Socket(), connection);
        });
    }

    @AfterEach
    void close() {
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void onLoop(Runnable task) {
        group.next().submit(task).syncUninterruptibly();
    }

    private void come(String hex) {
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    @Test
    void read_thatBroughtSomething_isFollowedByTheNext() {
        onLoop(() -> {
            assertThat(reads).isEqualTo(1);
            come(CONNACK);
            assertThat(reads).isEqualTo(1);
            channel.pipeline().fireChannelReadComplete();
            assertThat(reads).isEqualTo(2);
        });
    }

    @Test
    void read_thatBroughtNothing_isFollowedByTheNext() {
        onLoop(() -> {
            come(CONNACK);
            channel.pipeline().fireChannelReadComplete();
            channel.pipeline().fireChannelReadComplete();
            assertThat(reads).isEqualTo(3);
        });
    }

    /** From another event loop, what was read and the end of reading come in two tasks, and anything may be between them. */
    @Test
    void read_askedForBetweenWhatCameAndItsEnd_isNotAskedForTwice() {
        onLoop(() -> {
            come(CONNACK);
            connection.read(false);
            connection.read(true);
            assertThat(reads).isEqualTo(2);
            channel.pipeline().fireChannelReadComplete();
            assertThat(reads).isEqualTo(2);
        });
    }

    /** Counts what it is asked for, and gives nothing by itself. */
    private final class Socket extends ChannelOutboundHandlerAdapter {
        @Override
        public void read(ChannelHandlerContext context) {
            reads++;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    private static final class Nobody implements Upstream.Events {
        @Override
        public void connected(Upstream.Terms terms) {}

        @Override
        public void closed(Upstream.End end, String why) {}

        @Override
        public void subscribed(BridgeRule.Fetch rule, ReasonCode reason) {}

        @Override
        public void published(long token, ReasonCode reason) {}

        @Override
        public void writable() {}

        @Override
        public void fetched(Upstream.Fetched fetched) {}

        @Override
        public void refused(String why) {}
    }
}
