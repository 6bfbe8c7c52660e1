// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the sockets: the broker thread, and one beside it for sockets that are not to hold it up. To be opened and closed on
 * neither.
 */
public final class EventLoops implements AutoCloseable {

    private final NioEventLoopGroup brokers = new NioEventLoopGroup(1, new DefaultThreadFactory("sluice-broker"));
    private final NioEventLoopGroup others = new NioEventLoopGroup(1, new DefaultThreadFactory("sluice-io"));
    private final NioEventLoop broker = (NioEventLoop) brokers.next();
    private final NioEventLoop io = (NioEventLoop) others.next();

    /** The broker thread. */
    public EventLoop broker() {
        return broker;
    }

    /** The other one. */
    public EventLoop io() {
        return io;
    }

    /** Closes all sockets and ends both threads. */
    @Override
    public void close() {
        io.submit(this::closeAll).syncUninterruptibly();
        io.submit(() -> {}).syncUninterruptibly(); // the handlers have heard of it,
        broker.submit(() -> {})
                .syncUninterruptibly(); // those on the broker thread are gone, and the others' turn comes
        others.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        brokers.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** What lives on both threads is taken apart from one to the other and back, so that neither may end before. */
    private void closeAll() {
        List<Channel> open = new ArrayList<>();
        io.registeredChannelsIterator().forEachRemaining(open::add);
        open.forEach(channel -> channel.unsafe().close(channel.unsafe().voidPromise()));
    }
}
