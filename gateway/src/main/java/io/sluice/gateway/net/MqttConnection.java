// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.sluice.gateway.access.Guard;
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
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One network connection: bytes to packets for its conversation, and packets to bytes, which leave together at the end of the turn.
 * Lives on the event loop that is the broker thread; its socket may live on another.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class MqttConnection extends ChannelDuplexHandler implements Connection, SocketMemory.Holder {

    private static final System.Logger LOG = System.getLogger(MqttConnection.class.getName());

    /** How long a client may take to read what it is told last. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final Loop loop;
    private final Sessions sessions;
    private final SocketChannel channel;
    private final Optional<Guard> guard;
    private final Terms terms;
    private final SocketMemory memory;
    private final Intake intake;
    private final Remembered remembered;
    private final PacketReader reader;
    private final Incomplete incomplete;
    private final Outgoing outgoing;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Conversation conversation;
    private Optional<String> certificateName = Optional.empty();
    /** When something was last read from the socket, in milliseconds of the journal's clock. */
    private long readAt;

    private boolean spoken;
    private boolean silent;
    private boolean closing;
    /** Whether what has come must wait until it is known who sent it. */
    private boolean held;
    /** Whether the socket is not read until the journal has caught up. */
    private boolean paused;
    /** Whether nothing more may be sent before something has gone out. */
    private boolean blocked;
    /** Whether the other event loop was asked for more and has not brought it. */
    private boolean asked;

    /**
     * What holds for a listener's connections.
     *
     * @param ownThread whether the socket lives on another event loop, which brings what it read only when asked
     * @param beyondLimit whether the listener has as many connections as it may without this one
     * @param certificateNames whether clients are who their certificates say
     */
    record Terms(
            boolean ownThread,
            int packetBytesMax,
            Duration connectTimeout,
            boolean beyondLimit,
            boolean certificateNames) {}

    MqttConnection(Listener.Broker broker, SocketChannel channel, Optional<Guard> guard, Terms terms) {
        this.loop = broker.loop();
        this.sessions = broker.sessions();
        this.channel = channel;
        this.guard = guard;
        this.terms = terms;
        this.remembered = new Remembered(sessions);
        this.reader = PacketReader.forServer(terms.packetBytesMax(), () -> readAt, remembered);
        reader.checkPayloadFormat(sessions.capabilities().checkPayloadFormat());
        this.memory = broker.memory();
        this.intake = broker.intake();
        this.incomplete = new Incomplete(channel.alloc(), memory);
        this.outgoing = new Outgoing(loop, channel, broker.eventLoop(), sessions.traffic(), memory, this::onProgress);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** Goes no further: behind this handler there is only the pipeline's end, on an event loop that may have ended. */
    @Override
    public void channelUnregistered(ChannelHandlerContext context) {}

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Conversation opened = sessions.open(this);
        conversation = opened;
        memory.join(this);
        opened.watch(loop.schedule(terms.connectTimeout(), opened::connectIsDue));
        demand();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        asked = false;
        readAt = memory.now();
        if (terms.ownThread()) {
            intake.handOver(-bytes.readableBytes());
        }
        Conversation current = conversation;
        sessions.traffic().receivedBytes(bytes.readableBytes());
        try {
            if (current == null || closing) {
                return;
            }
            decode(incomplete.join(bytes), current);
        } finally {
            ReferenceCountUtil.release(bytes);
        }
    }

    @Override
    public long held() {
        return incomplete.held() + outgoing.waiting();
    }

    @Override
    public long incomplete() {
        return incomplete.held();
    }

    @Override
    public void flush() {
        outgoing.flush();
    }

    @Override
    public long progressAt() {
        return outgoing.progressAt();
    }

    @Override
    public void evict() {
        Conversation current = conversation;
        incomplete.release();
        if (!closing && outgoing.waiting() == 0 && current != null) {
            refuse(
                    current,
                    new ProtocolException(
                            ReasonCode.QUOTA_EXCEEDED,
                            "MQTT-4.13.2-1",
                            "too much has come of packets that are not whole"));
        } else {
            closing = true;
            outgoing.release();
            channel.close(); // it would not read what it is told
        }
    }

    /** Takes whole packets; what is left is kept. */
    private void decode(ByteBuf bytes, Conversation current) {
        try {
            Packet packet = held ? null : reader.next(bytes);
            while (packet != null) {
                current.on(packet);
                packet = closing || held ? null : reader.next(bytes);
            }
        } catch (ProtocolException broken) {
            refuse(current, broken);
        }
        if (closing) {
            incomplete.release();
        } else {
            incomplete.keep(bytes);
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
            outgoing.speak(new PacketWriter(version.get())); // CONNECT itself was broken
        }
        current.onBroken(broken);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (conversation != null) {
            conversation.onReadComplete();
        }
        intake.congested(sessions.isCongested());
        demand();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof HandOver.Shown shown && terms.certificateNames()) {
            certificateName = shown.commonName();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {} // it is asked of what is counted here

    private void onProgress() {
        if (blocked && isWritable()) {
            onRoom();
        }
    }

    @Override
    public void onRoom() {
        if (conversation != null && !closing) {
            conversation.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closing = true;
        incomplete.release();
        outgoing.release();
        memory.leave(this);
        remembered.release();
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

    @Override
    public void speak(ProtocolVersion version, Packet.ConnectProperties properties, int topicAliases) {
        spoken = true;
        PacketWriter writer = new PacketWriter(version);
        properties.maximumPacketSize().ifPresent(writer::maximumPacketSize);
        writer.problemInformation(properties.requestProblemInformation());
        writer.topicAliasMaximum(
                Math.min(topicAliases, properties.topicAliasMaximum()), remembered); // [MQTT-3.1.2-26, -27]
        reader.topicAliasMaximum(topicAliases);
        outgoing.speak(writer);
    }

    @Override
    public void send(Packet packet) {
        if (!closing && !silent) {
            outgoing.send(packet);
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
        return closing || outgoing.publish(message, qos, dup, retain, packetId, subscriptionIds, expirySeconds);
    }

    @Override
    public boolean isWritable() {
        long share = memory.share();
        long waiting = outgoing.waiting();
        blocked = closing || waiting >= (blocked ? Math.min(share, share / 4 + 1) : share);
        if (blocked && waiting == 0 && !closing) {
            memory.await(this);
        }
        return !blocked;
    }

    @Override
    public Optional<Guard> guard() {
        return guard;
    }

    @Override
    public void hold(boolean on) {
        held = on;
        demand();
        if (!on && incomplete.bytes() != null) {
            loop.execute(this::goOn);
        }
    }

    /** What came while it was held. */
    private void goOn() {
        ByteBuf rest = incomplete.bytes();
        Conversation current = conversation;
        if (rest == null || current == null || closing || held) {
            return;
        }
        decode(rest, current);
        current.onReadComplete();
    }

    @Override
    public void read(boolean on) {
        paused = !on;
        intake.congested(sessions.isCongested());
        demand();
    }

    /** Has the socket read on, if it may be. */
    private void demand() {
        boolean wanted = closing || (!held && !paused);
        if (!terms.ownThread()) {
            channel.config().setAutoRead(wanted);
        } else if (wanted && !asked && context != null) {
            asked = true;
            try {
                context.read();
            } catch (RejectedExecutionException ended) {
                channel.close(); // the gateway stops, and the other event loop has done so already
            }
        }
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
        demand();
        outgoing.end();
        loop.schedule(LINGER, () -> channel.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE));
    }

    @Override
    public Optional<String> certificateName() {
        return certificateName;
    }

    @Override
    public int packetBytesMax() {
        return terms.packetBytesMax();
    }

    @Override
    public boolean isBeyondLimit() {
        return terms.beyondLimit();
    }

    @Override
    public String peer() {
        return Peer.of(channel);
    }
}
