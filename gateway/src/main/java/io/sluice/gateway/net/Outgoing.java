// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.gateway.codec.PacketWriter;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.session.Connection;
import io.sluice.gateway.session.Traffic;
import io.sluice.topic.Qos;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one connection sends: packets gather in a buffer, which leaves at the end of the turn. Small ones gather before that in an array
 * of the heap, where each byte is written at once, and reach the buffer many at a time. Counts what has not gone out, as the size of its
 * buffers. On the broker thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class Outgoing {

    /** Output that is handed to the socket before the turn ends, in bytes. */
    private static final int FLUSH_BYTES = 128 << 10;

    /** The array for small packets: at first, and at most. */
    private static final int NEAR_BYTES_FIRST = 64;

    private static final int NEAR_BYTES_MAX = 2 << 10;

    /** What most packets are shorter than, but for topic, properties and payload of a PUBLISH. */
    private static final int FRAME_BYTES = 32;

    private final Loop loop;
    private final SocketChannel channel;
    private final EventExecutor thread;
    private final Traffic traffic;
    private final SocketMemory memory;
    private final Runnable onProgress;
    private @Nullable PacketWriter writer;
    /** What was written last, behind {@link #out}. */
    private @Nullable ByteBuf near;

    private @Nullable ByteBuf out;
    /** The size of the buffers that gather, as it is counted. */
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

    private PacketWriter writer() {
        PacketWriter current = writer;
        if (current == null) {
            current = new PacketWriter(ProtocolVersion.MQTT_5);
            writer = current;
        }
        return current;
    }

    /**
     * Sends a packet other than PUBLISH; nothing if the client could not take it. A write takes a while, so messages go before
     * acknowledgements: somebody waits for them.
     */
    void send(Packet packet) {
        if (writer().write(packet, buffer(FRAME_BYTES))) {
            traffic.sentPacket();
        }
        count();
        if (!flushMuch() && !lastFlushDue) {
            lastFlushDue = true;
            loop.lastInTurn(this::flushLastInTurn);
        }
    }

    /** As {@link Connection#publish}. */
    boolean publish(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds) {
        ByteBuf to = buffer(message.bytes().length + FRAME_BYTES);
        boolean fits = writer().publish(message, qos, dup, retain, packetId, subscriptionIds, expirySeconds, to);
        if (fits) {
            traffic.sent(message);
        }
        count();
        if (!flushMuch() && !flushDue) {
            flushDue = true;
            loop.atTurnEnd(this::flushAtTurnEnd);
        }
        return fits;
    }

    /** Bytes that have not gone out. */
    long waiting() {
        return gathering + underWay;
    }

    /** When something has gone out last, or began to wait; the present if nothing waits. In milliseconds. */
    long progressAt() {
        return underWay == 0 ? memory.now() : progressAt;
    }

    /** Where to write a packet of about so many bytes; it may have more. */
    private ByteBuf buffer(int bytes) {
        ByteBuf current = near;
        if (current != null && current.readableBytes() + bytes > NEAR_BYTES_MAX) {
            spill(current);
            current = near;
        }
        if (bytes > NEAR_BYTES_MAX) {
            return far(bytes);
        }
        if (current == null) {
            current = Unpooled.buffer(Math.max(bytes, NEAR_BYTES_FIRST));
            near = current;
        } else if (current.writableBytes() < bytes) {
            current.ensureWritable(bytes);
        }
        return current;
    }

    private ByteBuf far(int bytes) {
        ByteBuf current = out;
        if (current == null) {
            current = channel.alloc().directBuffer(bytes);
            out = current;
        }
        return current;
    }

    /** Moves what was written last behind the rest. */
    private void spill(ByteBuf last) {
        if (last.isReadable()) {
            far(last.readableBytes()).writeBytes(last);
        }
        near = last.capacity() <= NEAR_BYTES_MAX ? last.clear() : null; // something was longer than expected
    }

    private void count() {
        int more = (near == null ? 0 : near.capacity()) + (out == null ? 0 : out.capacity()) - gathering;
        gathering += more;
        hold(more);
    }

    /** Counts more, or less if negative, which may end this connection. */
    private void hold(int more) {
        if (more != 0) {
            memory.hold(more);
        }
    }

    /** Does not wait for the end of the turn if much has gathered; whether it has. */
    private boolean flushMuch() {
        int bytes = (near == null ? 0 : near.readableBytes()) + (out == null ? 0 : out.readableBytes());
        if (bytes >= FLUSH_BYTES) {
            flush();
        }
        return bytes >= FLUSH_BYTES;
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
        if (near != null) {
            spill(near);
            near = null;
        }
        ByteBuf full = out;
        int counted = gathering;
        out = null;
        gathering = 0;
        if (full == null) {
            hold(-counted);
            return;
        }
        traffic.sentBytes(full.readableBytes());
        int bytes = full.capacity();
        if (underWay == 0) {
            progressAt = memory.now();
        }
        underWay += bytes;
        hold(bytes - counted);
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
        near = null;
        if (out != null) {
            out.release();
            out = null;
        }
    }
}
