// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.gateway.codec.PacketWriter;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.session.Traffic;
import org.jspecify.annotations.Nullable;

/**
 * What one connection sends: packets gather in a buffer, which leaves at the end of the turn. Counts what has not gone out, as the size
 * of its buffers. On the broker thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class Outgoing {

    /** Output that is handed to the socket before the turn ends, in bytes. */
    private static final int FLUSH_BYTES = 128 << 10;

    private final Loop loop;
    private final SocketChannel channel;
    private final EventExecutor thread;
    private final Traffic traffic;
    private final SocketMemory memory;
    private final Runnable onProgress;
    private PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
    private @Nullable ByteBuf out;
    /** The size of the buffer that gathers, as it is counted. */
    private int gathering;
    /** The size of those that were handed to the socket and have not gone out. */
    private long underWay;

    private long progressAt;
    private boolean flushDue;
    private boolean lastFlushDue;
    private boolean released;

    /**
     * @param thread the broker thread, as the channel's futures know it
     * @param onProgress told when something has gone out
     */
    Outgoing(
            Loop loop,
            SocketChannel channel,
            EventExecutor thread,
            Traffic traffic,
            SocketMemory memory,
            Runnable onProgress) {
        this.loop = loop;
        this.channel = channel;
        this.thread = thread;
        this.traffic = traffic;
        this.memory = memory;
        this.onProgress = onProgress;
    }

    void speak(PacketWriter newWriter) {
        writer = newWriter;
    }

    PacketWriter writer() {
        return writer;
    }

    /** Bytes that have not gone out. */
    long waiting() {
        return gathering + underWay;
    }

    /** When something has gone out last, or began to wait; the present if nothing waits. In milliseconds. */
    long progressAt() {
        return underWay == 0 ? memory.now() : progressAt;
    }

    /** Where to write; {@link #written} sends it. */
    ByteBuf buffer() {
        ByteBuf current = out;
        if (current == null) {
            current = channel.alloc().directBuffer(1024);
            out = current;
        }
        return current;
    }

    /**
     * Something was written to the buffer: it is sent at the end of the turn, or at once when it is much. A write takes a while, so
     * messages go before acknowledgements: somebody waits for them.
     *
     * @param message whether it was a message
     */
    void written(boolean message) {
        ByteBuf current = out;
        if (current == null) {
            return;
        }
        int more = current.capacity() - gathering;
        if (more != 0) {
            gathering += more;
            memory.hold(more); // which may end this connection
        }
        if (out != null && current.readableBytes() >= FLUSH_BYTES) {
            flush();
        } else if (message) {
            if (!flushDue) {
                flushDue = true;
                loop.atTurnEnd(this::flushAtTurnEnd);
            }
        } else if (!lastFlushDue) {
            lastFlushDue = true;
            loop.lastInTurn(this::flushLastInTurn);
        }
    }

    private void flushAtTurnEnd() {
        flushDue = false;
        flush();
    }

    private void flushLastInTurn() {
        lastFlushDue = false;
        flush();
    }

    /** Hands to the socket what has gathered. */
    void flush() {
        ByteBuf full = out;
        if (full == null) {
            return;
        }
        out = null;
        traffic.sentBytes(full.readableBytes());
        int bytes = gathering;
        gathering = 0;
        if (underWay == 0) {
            progressAt = memory.now();
        }
        underWay += bytes;
        ChannelPromise gone = new DefaultChannelPromise(channel, thread);
        gone.addListener(any -> gone(bytes));
        channel.writeAndFlush(full, gone);
    }

    private void gone(int bytes) {
        if (!released) {
            underWay -= bytes;
            progressAt = memory.now();
            memory.hold(-bytes);
            onProgress.run();
        }
    }

    /** Sends what there is, and the end of the stream behind it. */
    void end() {
        flush();
        channel.writeAndFlush(Ending.END);
    }

    /** The connection is gone, and so is what was to be sent. */
    void release() {
        if (released) {
            return;
        }
        released = true;
        memory.hold(-waiting());
        gathering = 0;
        underWay = 0;
        if (out != null) {
            out.release();
            out = null;
        }
    }
}
