// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.sluice.config.Settings;
import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Events;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.codec.PacketReader;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to upstream, from the first attempt to its end: bytes to packets and back. What the packets mean is for its
 * {@link UpstreamDialogue}. On the event loop that is the broker thread; its socket may live on another.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class UpstreamConnection extends ChannelInboundHandlerAdapter {

    /** What a packet may be larger than the message in it was here: a longer topic, more properties. */
    private static final int HEADROOM_BYTES = 128 << 10;

    /** How long upstream may take to end a connection that was ended in good order. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    /**
     * With so many publications under way, answers are left in the socket for a moment, so that one turn has many: there are brokers
     * that send each by itself, and a turn costs more than an answer.
     */
    private static final int MANY = 64;

    private static final Duration MOMENT = Duration.ofMillis(1);

    private final URI address;
    private final Loop loop;
    private final Events events;
    private final PacketReader reader;
    private final UpstreamDialogue dialogue;
    private final Loop.Timer limit;
    private Dialer.@Nullable Attempt attempt;
    private @Nullable ChannelHandlerContext context;
    private @Nullable LinkOutput outgoing;
    private @Nullable ByteBuf incomplete;
    private boolean leaving;
    private boolean ended;
    /** Whether upstream is not listened to for now. */
    private boolean paused;
    /** Whether answers are left to gather. */
    private boolean gathering;
    /** Whether the socket was asked for more and has not brought it. */
    private boolean asked;
    /** Whether something has come since reading ended last. */
    private boolean brought;

    /** @param number which connection this is, for {@link Fetched#connection} */
    UpstreamConnection(
            long number,
            URI address,
            Settings.Upstream settings,
            int packetBytesMax,
            Loop loop,
            Events events,
            LongSupplier clock) {
        this.address = address;
        this.loop = loop;
        this.events = events;
        int bytesMax = (int) Math.min(Integer.MAX_VALUE, (long) packetBytesMax + HEADROOM_BYTES);
        this.reader = PacketReader.forClient(ProtocolVersion.MQTT_5, bytesMax, clock);
        reader.checkPayloadFormat(false); // that is between the publisher and its subscribers
        this.dialogue = new UpstreamDialogue(number, settings, bytesMax, loop, events, this::end);
        this.limit = loop.schedule(settings.connectTimeout(), () -> {
            if (!dialogue.isOpen()) {
                end(
                        End.OTHER,
                        "no connection within " + settings.connectTimeout().toSeconds() + " s");
            }
        });
    }

    /** The attempt to get a socket, which ends with the connection. */
    void watch(Dialer.Attempt made) {
        attempt = made;
    }

    /** There is no socket. */
    void failed(Throwable why) {
        end(End.OTHER, LinkTrouble.text(why));
    }

    /** There is a socket: CONNECT can be sent. */
    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        if (ended) {
            added.close();
            return;
        }
        context = added;
        LinkOutput out = new LinkOutput(loop, (SocketChannel) added.channel());
        outgoing = out;
        dialogue.begin(out);
        demand();
    }

    /** Goes no further: behind this handler there is only the pipeline's end, on an event loop that may have ended. */
    @Override
    public void channelUnregistered(ChannelHandlerContext context) {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf bytes = (ByteBuf) read;
        asked = false;
        brought = true;
        try {
            if (ended || leaving) {
                return;
            }
            dialogue.received();
            ByteBuf rest = incomplete;
            if (rest == null) {
                ByteBuf array = Incomplete.onHeap(bytes);
                decode(array);
                if (array.isReadable() && !ended) {
                    incomplete = context.alloc().buffer(array.readableBytes()).writeBytes(array);
                }
            } else {
                rest.discardSomeReadBytes().writeBytes(bytes);
                decode(rest);
                if (!rest.isReadable() || ended) {
                    releaseIncomplete();
                }
            }
        } finally {
            bytes.release();
        }
    }

    private void decode(ByteBuf bytes) {
        while (!ended && !leaving) {
            try {
                Packet packet = reader.next(bytes);
                if (packet == null) {
                    return;
                }
                dialogue.on(packet);
            } catch (ProtocolException broken) {
                OptionalInt packetId = reader.passOver(bytes, broken);
                if (packetId.isEmpty()) {
                    dialogue.broken(broken);
                } else {
                    dialogue.unusable(packetId.getAsInt(), broken);
                }
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!brought) {
            asked = false; // else it may have been asked for more since then, from another event loop
        }
        brought = false;
        if (dialogue.underWay() < MANY) {
            demand();
        } else if (!gathering) {
            gathering = true;
            loop.schedule(MOMENT, () -> {
                gathering = false;
                demand();
            });
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (isWritable()) {
            events.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof LinkTrouble.Trouble trouble) {
            endOpen(trouble.text());
        } else if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            end(End.OTHER, LinkTrouble.text(handshake.cause()));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (leaving) {
            end(End.OTHER, "closed here");
        } else {
            endOpen("connection closed by upstream");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (LinkTrouble.isTrouble(cause)) {
            endOpen(LinkTrouble.text(cause));
        } else {
            loop.bug(cause);
        }
    }

    private void endOpen(String why) {
        end(dialogue.isOpen() ? End.PEER : End.OTHER, why);
    }

    void subscribe(List<BridgeRule.Fetch> rules) {
        if (isUsable()) {
            dialogue.subscribe(rules);
        }
    }

    void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        if (isUsable()) {
            dialogue.publish(token, topic, qos, retain, expirySeconds, message);
        }
    }

    void acknowledge(Fetched fetched) {
        if (isUsable()) {
            dialogue.acknowledge(fetched);
        }
    }

    private boolean isUsable() {
        return !ended && !leaving && dialogue.isOpen();
    }

    boolean isWritable() {
        return isUsable() && context != null && context.channel().isWritable();
    }

    void read(boolean on) {
        paused = !on;
        dialogue.deaf(paused);
        demand();
    }

    /** Has the socket read on, if it may. */
    private void demand() {
        if (context != null && !asked && !ended && !paused && !gathering) {
            asked = true;
            try {
                context.read();
            } catch (RejectedExecutionException stopped) {
                end(End.OTHER, "the gateway stops");
            }
        }
    }

    /** Says DISCONNECT if there is a connection, and gives upstream a moment to close it. */
    void disconnect() {
        LinkOutput out = outgoing;
        if (leaving || ended) {
            return;
        }
        if (!dialogue.isOpen() || out == null) {
            end(End.OTHER, "closed here");
            return;
        }
        leaving = true;
        dialogue.farewell(ReasonCode.SUCCESS);
        out.end();
        paused = false;
        demand();
        loop.schedule(FAREWELL, () -> end(End.OTHER, "closed here, without a farewell"));
    }

    /** The first call counts. Nothing is told any more but this, and that not before the caller is done. */
    private void end(End end, String why) {
        if (ended) {
            return;
        }
        ended = true;
        limit.cancel();
        dialogue.end();
        releaseIncomplete();
        if (outgoing != null) {
            outgoing.flush();
        }
        if (attempt != null) {
            attempt.cancel();
        }
        loop.execute(() -> events.closed(end, address + ": " + why));
    }

    private void releaseIncomplete() {
        if (incomplete != null) {
            incomplete.release();
            incomplete = null;
        }
    }
}
