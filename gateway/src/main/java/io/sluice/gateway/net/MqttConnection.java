// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.sluice.gateway.codec.PacketReader;
import io.sluice.gateway.codec.PacketWriter;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.session.Connection;
import io.sluice.gateway.session.Conversation;
import io.sluice.gateway.session.Sessions;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One network connection: bytes to packets for its conversation, and packets to bytes, which leave together at the end of the turn.
 * Lives on the event loop that is the broker thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class MqttConnection extends ChannelDuplexHandler implements Connection {

    private static final System.Logger LOG = System.getLogger(MqttConnection.class.getName());

    /** Output that is handed to the socket before the turn ends, in bytes. */
    private static final int FLUSH_BYTES = 128 << 10;

    /** How long a client may take to send CONNECT. */
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);

    /** How long a client may take to read what it is told last. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    /** What a connection may hold of a packet, in bytes, however much the others hold. */
    private static final int INCOMPLETE_BYTES_MIN = 64 << 10;

    private final Loop loop;
    private final Sessions sessions;
    private final SocketChannel channel;
    private final PacketReader reader;
    private PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
    private @Nullable Conversation conversation;
    private @Nullable ByteBuf incomplete;
    private @Nullable ByteBuf out;
    /** What is counted of it. */
    private int incompleteBytes;

    private boolean spoken;
    private boolean silent;
    private boolean flushDue;
    private boolean closing;

    MqttConnection(Loop loop, Sessions sessions, SocketChannel channel, int packetBytesMax, LongSupplier clock) {
        this.loop = loop;
        this.sessions = sessions;
        this.channel = channel;
        this.reader = PacketReader.forServer(packetBytesMax, clock);
        reader.checkPayloadFormat(sessions.capabilities().checkPayloadFormat());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Conversation opened = sessions.open(this);
        conversation = opened;
        opened.watch(loop.schedule(CONNECT_WITHIN, opened::connectIsDue));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        Conversation current = conversation;
        sessions.traffic().receivedBytes(bytes.readableBytes());
        try {
            if (current == null || closing) {
                return;
            }
            ByteBuf rest = incomplete;
            if (rest == null) {
                decode(bytes, current);
                if (bytes.isReadable() && !closing) {
                    incomplete = channel.alloc().buffer(bytes.readableBytes()).writeBytes(bytes);
                }
            } else {
                rest.discardSomeReadBytes().writeBytes(bytes);
                decode(rest, current);
                if (!rest.isReadable() || closing) {
                    releaseIncomplete();
                }
            }
            countIncomplete(current);
        } finally {
            ReferenceCountUtil.release(bytes);
        }
    }

    /** Parts of packets wait in memory: no client may fill it with what it never ends. */
    private void countIncomplete(Conversation current) {
        int bytes = incomplete == null ? 0 : incomplete.readableBytes();
        boolean within = sessions.holdIncomplete(bytes - incompleteBytes);
        incompleteBytes = bytes;
        if (!within && bytes > INCOMPLETE_BYTES_MIN) {
            releaseIncomplete();
            refuse(
                    current,
                    new ProtocolException(
                            ReasonCode.QUOTA_EXCEEDED,
                            "MQTT-4.13.2-1",
                            "too much has come of packets that are not whole"));
        }
    }

    private void decode(ByteBuf bytes, Conversation current) {
        try {
            while (!closing) {
                Packet packet = reader.next(bytes);
                if (packet == null) {
                    return;
                }
                current.on(packet);
            }
        } catch (ProtocolException broken) {
            refuse(current, broken);
        }
    }

    private void refuse(Conversation current, ProtocolException broken) {
        Optional<ProtocolVersion> version = reader.version();
        if (version.isEmpty()) {
            LOG.log(Level.INFO, "{0}: not a client that could be answered: {1}", peer(), broken.text());
            current.onClosed();
            close();
            return;
        }
        if (!spoken) {
            writer = new PacketWriter(version.get()); // CONNECT itself was broken
        }
        current.onBroken(broken);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (conversation != null) {
            conversation.onReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (conversation != null && channel.isWritable()) {
            conversation.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closing = true;
        releaseIncomplete();
        if (out != null) {
            out.release();
            out = null;
        }
        Conversation ended = conversation;
        if (ended != null) {
            loop.execute(ended::onClosed); // not in the middle of something that writes
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.log(Level.DEBUG, "{0}: {1}", peer(), cause.toString());
        } else {
            loop.bug(cause);
        }
        context.close();
    }

    private void releaseIncomplete() {
        if (incomplete != null) {
            incomplete.release();
            incomplete = null;
            sessions.holdIncomplete(-incompleteBytes);
            incompleteBytes = 0;
        }
    }

    @Override
    public void speak(ProtocolVersion version, Packet.ConnectProperties properties, int topicAliases) {
        spoken = true;
        writer = new PacketWriter(version);
        properties.maximumPacketSize().ifPresent(writer::maximumPacketSize);
        writer.problemInformation(properties.requestProblemInformation());
        writer.topicAliasMaximum(Math.min(topicAliases, properties.topicAliasMaximum())); // [MQTT-3.1.2-26, -27]
        reader.topicAliasMaximum(topicAliases);
    }

    @Override
    public void send(Packet packet) {
        if (!closing && !silent) {
            if (writer.write(packet, out())) {
                sessions.traffic().sentPacket();
            }
            flushSoon();
        }
    }

    @Override
    public boolean publish(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds) {
        if (closing) {
            return true;
        }
        boolean fits = writer.publish(message, qos, dup, retain, packetId, subscriptionIds, expirySeconds, out());
        if (fits) {
            sessions.traffic().sent(message);
        }
        flushSoon();
        return fits;
    }

    private ByteBuf out() {
        ByteBuf current = out;
        if (current == null) {
            current = channel.alloc().directBuffer(1024);
            out = current;
        }
        return current;
    }

    private void flushSoon() {
        if (out != null && out.readableBytes() >= FLUSH_BYTES) {
            flush();
        } else if (!flushDue) {
            flushDue = true;
            loop.atTurnEnd(this::flushAtTurnEnd);
        }
    }

    private void flushAtTurnEnd() {
        flushDue = false;
        flush();
    }

    private void flush() {
        ByteBuf full = out;
        if (full != null) {
            out = null;
            sessions.traffic().sentBytes(full.readableBytes());
            channel.writeAndFlush(full, channel.voidPromise());
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    /**
     * Sends what there is, then the end of the stream, and gives the client a moment to read it: a socket that is closed while
     * something of the client's lies unread would take back what it was told last.
     */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        channel.config().setAutoRead(true);
        ByteBuf last = out == null ? channel.alloc().buffer(0) : out;
        out = null;
        sessions.traffic().sentBytes(last.readableBytes());
        channel.writeAndFlush(last).addListener(done -> {
            if (done.isSuccess()) {
                channel.shutdownOutput();
            } else {
                channel.close();
            }
        });
        loop.schedule(LINGER, () -> channel.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE));
    }

    @Override
    public String peer() {
        return channel.remoteAddress() == null
                ? "unknown"
                : channel.remoteAddress().toString().substring(1);
    }
}
