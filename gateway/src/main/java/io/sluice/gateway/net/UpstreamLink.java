// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.sluice.config.Settings;
import io.sluice.gateway.bridge.Upstream;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The link to one upstream broker: for each connection a new {@link UpstreamConnection}, which takes everything it knows with it when
 * it ends. A plain socket lives on the event loop that is the broker thread, one with TLS or WebSocket on the other. On the broker
 * thread.
 *
 * <p>QoS 2 is not carried: rules that ask for it get QoS 1.
 */
public final class UpstreamLink implements Upstream {

    /** What a bridge publishes in one turn. */
    private static final int PORTION_BYTES = 64 << 10;

    private final Settings.Upstream settings;
    private final int packetBytesMax;
    private final Loop loop;
    private final Events events;
    private final LongSupplier clock;
    private final Dialer dialer;
    private @Nullable UpstreamConnection connection;
    private long connections;

    /**
     * Where a link's sockets live.
     *
     * @param eventLoop the one that is the broker thread
     * @param io the one for TLS and WebSocket
     * @param waitingBytesMax bytes that wait for a slow upstream before nothing more is published; it goes on at a quarter of them
     */
    public record Place(EventLoop eventLoop, EventLoop io, ByteBufAllocator allocator, int waitingBytesMax) {}

    /**
     * What may wait for each of some links, when all together may hold a quarter of what there is outside of the heap.
     *
     * @return 8 KiB to 512 KiB
     */
    public static int waitingBytesMax(long socketsBytes, int links) {
        return Math.clamp(socketsBytes / 4 / Math.max(1, links), 8 << 10, 512 << 10);
    }

    /** What one link takes at the most, with the portion that is published when just a little less waits, and its TLS. */
    public static long bytesMax(int waitingBytesMax) {
        return (long) waitingBytesMax + PORTION_BYTES + TlsMemory.HANDSHAKE_BYTES;
    }

    /**
     * @param packetBytesMax the largest packet taken from clients, in bytes; upstream is told a little more, because its topics may
     *     be longer
     * @param clock milliseconds of the journal's clock
     */
    public UpstreamLink(
            Place place, Settings.Upstream settings, int packetBytesMax, Loop loop, Events events, LongSupplier clock) {
        this.settings = settings;
        this.packetBytesMax = packetBytesMax;
        this.loop = loop;
        this.events = events;
        this.clock = clock;
        this.dialer = new Dialer(place, settings, loop);
    }

    @Override
    public void connect(URI address) {
        loop.assertHere();
        disconnect();
        UpstreamConnection opened =
                new UpstreamConnection(++connections, address, settings, packetBytesMax, loop, events, clock);
        connection = opened;
        opened.watch(dialer.dial(address, opened));
    }

    @Override
    public void subscribe(List<BridgeRule.Fetch> rules) {
        if (connection != null) {
            connection.subscribe(rules);
        }
    }

    @Override
    public void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        if (connection != null) {
            connection.publish(token, topic, qos, retain, expirySeconds, message);
        }
    }

    @Override
    public boolean isWritable() {
        return connection != null && connection.isWritable();
    }

    @Override
    public void acknowledge(Fetched fetched) {
        if (connection != null) {
            connection.acknowledge(fetched);
        }
    }

    @Override
    public void read(boolean on) {
        if (connection != null) {
            connection.read(on);
        }
    }

    @Override
    public void disconnect() {
        if (connection != null) {
            connection.disconnect();
        }
    }
}
