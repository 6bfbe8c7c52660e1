// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket frames (RFC 6455 section 5) to the bytes in them and back. What a frame carries is passed on as it comes, because MQTT's
 * packets do not care about frames [MQTT-6.0.0-2]: a frame of any length, or one that never ends, takes no memory here. On the
 * connection's event loop.
 *
 * <p>What a client sends is masked, and what a server sends is not (section 5.3).
 *
 * <pre>
 * | FIN 1 bit, 000, opcode 4 bits | MASK 1 bit, length 7 bits | length u16 if 126, u64 if 127 | mask 4 bytes | payload |
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class WebSocketFrames extends ChannelDuplexHandler {

    private static final System.Logger LOG = System.getLogger(WebSocketFrames.class.getName());

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FIN = 0x80;
    private static final int MASK = 0x80;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int HEADER_BYTES_MAX = 14;

    private static final int NORMAL = 1000;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;

    /** Which end of the connection this is. */
    enum Side {
        SERVER,
        CLIENT
    }

    private final Side side;

    /** For masks that nobody can foresee (section 10.3). */
    private final @Nullable SecureRandom random;

    /** The beginning of a header, or of a control frame, that has not come whole. */
    private @Nullable ByteBuf rest;

    private int opcode = -1;
    private long payloadLeft;
    private int mask;
    private int maskAt;
    private boolean messageOpen;
    private boolean closed;

    WebSocketFrames(Side side) {
        this.side = side;
        this.random = side == Side.CLIENT ? new SecureRandom() : null;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf in = (ByteBuf) read;
        ByteBuf before = rest;
        if (before != null) {
            rest = null;
            in = context.alloc()
                    .buffer(before.readableBytes() + in.readableBytes())
                    .writeBytes(before)
                    .writeBytes(in);
            before.release();
            ((ByteBuf) read).release();
        }
        try {
            while (!closed && in.isReadable() && (opcode >= 0 || header(context, in)) && payload(context, in)) {
                // The next frame.
            }
            if (!closed && in.isReadable()) {
                rest = context.alloc().buffer(in.readableBytes()).writeBytes(in);
            }
        } finally {
            in.release();
        }
    }

    /** Reads a frame's header; false if it is not whole. */
    private boolean header(ChannelHandlerContext context, ByteBuf in) {
        int start = in.readerIndex();
        if (in.readableBytes() < 2) {
            return false;
        }
        int first = in.getUnsignedByte(start);
        int second = in.getUnsignedByte(start + 1);
        int length = second & 0x7F;
        int lengthBytes = length == 127 ? 8 : length == 126 ? 2 : 0;
        String wrong = wrong(first, second, length);
        if (wrong != null) {
            boolean text = (first & 0x0F) == TEXT;
            end(context, text ? UNSUPPORTED_DATA : PROTOCOL_ERROR, wrong);
            return false;
        }
        int maskBytes = side == Side.SERVER ? 4 : 0;
        if (in.readableBytes() < 2 + lengthBytes + maskBytes) {
            return false;
        }
        in.skipBytes(2);
        payloadLeft = switch (lengthBytes) {
            case 8 -> in.readLong();
            case 2 -> in.readUnsignedShort();
            default -> length;
        };
        mask = maskBytes > 0 ? in.readInt() : 0;
        maskAt = 0;
        if (payloadLeft < 0) {
            end(context, PROTOCOL_ERROR, "the length of a frame has 64 bits");
            return false;
        }
        opcode = first & 0x0F;
        if (opcode <= BINARY) {
            messageOpen = (first & FIN) == 0;
        }
        return true;
    }

    private @Nullable String wrong(int first, int second, int length) {
        int code = first & 0x0F;
        if ((first & 0x70) != 0) {
            return "a frame uses an extension that was not agreed on";
        } else if (side == Side.SERVER && (second & MASK) == 0) {
            return "a client's frame must be masked";
        } else if (side == Side.CLIENT && (second & MASK) != 0) {
            return "a server's frame must not be masked";
        } else if (code == TEXT) {
            return "MQTT comes in binary frames"; // [MQTT-6.0.0-1]
        } else if (code == CONTINUATION && !messageOpen) {
            return "a frame continues what has not begun";
        } else if (code == BINARY && messageOpen) {
            return "a message begins within another";
        } else if (code >= CLOSE && (length > CONTROL_BYTES_MAX || (first & FIN) == 0)) {
            return "a control frame is too long, or in parts";
        } else if ((code > BINARY && code < CLOSE) || code > PONG) {
            return "frame type " + code + " is reserved";
        }
        return null;
    }

    /** Takes what has come of a frame's payload; false if the frame, or a control frame as a whole, must wait for more. */
    private boolean payload(ChannelHandlerContext context, ByteBuf in) {
        if (opcode >= CLOSE) {
            if (in.readableBytes() < payloadLeft) {
                return false;
            }
            control(context, in.readSlice((int) payloadLeft));
            opcode = -1;
            return true;
        }
        int length = (int) Math.min(payloadLeft, in.readableBytes());
        if (length > 0) {
            ByteBuf part = in.readRetainedSlice(length);
            mask(part, Integer.rotateLeft(mask, 8 * maskAt));
            maskAt = (maskAt + length) & 3;
            context.fireChannelRead(part);
        }
        payloadLeft -= length;
        if (payloadLeft > 0) {
            return false;
        }
        opcode = -1;
        return true;
    }

    /** Masks, or takes the mask off, where the bytes are. */
    private static void mask(ByteBuf bytes, int with) {
        if (with == 0) {
            return;
        }
        int at = bytes.readerIndex();
        for (; at + 4 <= bytes.writerIndex(); at += 4) {
            bytes.setInt(at, bytes.getInt(at) ^ with);
        }
        for (int shift = 24; at < bytes.writerIndex(); at++, shift -= 8) {
            bytes.setByte(at, bytes.getByte(at) ^ (with >>> shift));
        }
    }

    private void control(ChannelHandlerContext context, ByteBuf payload) {
        mask(payload, mask);
        if (opcode == CLOSE) {
            boolean says = side == Side.CLIENT && payload.readableBytes() >= 2;
            end(context, NORMAL, says ? "WebSocket closed by upstream, with code " + payload.readUnsignedShort() : "");
        } else if (opcode == PING && context.channel().isWritable()) {
            ByteBuf pong = context.alloc().directBuffer(HEADER_BYTES_MAX + payload.readableBytes());
            mask(payload, header(pong, PONG, payload.readableBytes()));
            context.writeAndFlush(pong.writeBytes(payload));
        }
    }

    /** Says why, if it says anything, and ends the connection. */
    private void end(ChannelHandlerContext context, int code, String why) {
        closed = true;
        if (!why.isEmpty() && side == Side.SERVER) {
            LOG.log(Level.INFO, "{0}: closed: {1}", Peer.of(context.channel()), why);
        } else if (!why.isEmpty()) {
            context.fireUserEventTriggered(new LinkTrouble.Trouble(why));
        }
        context.writeAndFlush(closing(context, code)).addListener(ChannelFutureListener.CLOSE);
    }

    private ByteBuf closing(ChannelHandlerContext context, int code) {
        ByteBuf frame = context.alloc().directBuffer(HEADER_BYTES_MAX + 2);
        int with = header(frame, CLOSE, 2);
        return frame.writeShort(code ^ (with >>> 16));
    }

    /** Writes the header of a frame; what its payload must be masked with, or 0. */
    private int header(ByteBuf to, int opcode, int length) {
        int masked = random == null ? 0 : MASK;
        to.writeByte(FIN | opcode);
        if (length <= CONTROL_BYTES_MAX) {
            to.writeByte(masked | length);
        } else if (length <= 0xFFFF) {
            to.writeByte(masked | 126).writeShort(length);
        } else {
            to.writeByte(masked | 127).writeLong(length);
        }
        if (random == null) {
            return 0;
        }
        int with = random.nextInt();
        to.writeInt(with);
        return with;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message.equals(Ending.END)) {
            if (!closed) {
                closed = true;
                context.write(closing(context, NORMAL));
            }
            context.write(message, promise);
        } else if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            context.write(message, promise);
        } else if (closed) {
            bytes.release();
            promise.tryFailure(new ClosedChannelException()); // nothing may follow a close frame (section 5.5.1)
        } else {
            ByteBuf header = context.alloc().directBuffer(HEADER_BYTES_MAX);
            mask(bytes, header(header, BINARY, bytes.readableBytes()));
            context.write(header);
            context.write(bytes, promise);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (rest != null) {
            rest.release();
            rest = null;
        }
    }
}
