// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class EventLoopsTest {

    private static final int SOCKETS = 50;

    private final List<String> removed = Collections.synchronizedList(new ArrayList<>());

    /** A pipeline is taken apart from its inner end, on the broker thread, to its outer one, which is not there. */
    @Test
    void close_socketsThatLiveOnBothThreads_takesThemApartToTheEnd() {
        EventLoops loops = new EventLoops();
        for (int i = 0; i < SOCKETS; i++) {
            NioSocketChannel channel = new NioSocketChannel();
            channel.pipeline().addLast(new Part("outer")).addLast(loops.broker(), new Part("inner"));
            loops.io().register(channel).syncUninterruptibly();
        }
        loops.broker().execute(() -> isEnded(loops.io())); // busy, while the other one could end

        loops.close();

        assertThat(removed).filteredOn("inner"::equals).hasSize(SOCKETS);
        assertThat(removed).filteredOn("outer"::equals).hasSize(SOCKETS);
    }

    private static boolean isEnded(EventLoop loop) {
        try {
            return loop.awaitTermination(300, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private final class Part extends ChannelInboundHandlerAdapter {
        private final String name;

        Part(String name) {
            this.name = name;
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            removed.add(name);
        }
    }
}
