// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket frames (RFC 6455 section 5) to the bytes in them and back. What a frame carries is passed on as it comes, because MQTT's
 * packets do not care about frames [MQTT-6.0.0-2]: a frame of any length, or one that never ends, takes no memory here. On the
 * connection's event loop.
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

    private static final int NORMAL = 1000;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;

    /** The beginning of a header, or of a control frame, that has not come whole. */
    private @Nullable ByteBuf rest;

    private int opcode = -1;
    private long payloadLeft;
    private int mask;
    private int maskAt;
    private boolean messageOpen;
    private boolean closed;

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
        if (in.readableBytes() < 2 + lengthBytes + 4) {
            return false;
        }
        in.skipBytes(2);
        payloadLeft = switch (lengthBytes) {
            case 8 -> in.readLong();
            case 2 -> in.readUnsignedShort();
            default -> length;
        };
        mask = in.readInt();
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
        } else if ((second & MASK) == 0) {
            return "a client's frame must be masked";
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
            context.fireChannelRead(unmasked(in.readRetainedSlice(length)));
        }
        payloadLeft -= length;
        if (payloadLeft > 0) {
            return false;
        }
        opcode = -1;
        return true;
    }

    private ByteBuf unmasked(ByteBuf bytes) {
        for (int i = bytes.readerIndex(); i < bytes.writerIndex(); i++) {
            bytes.setByte(i, bytes.getByte(i) ^ (mask >>> (24 - 8 * maskAt)));
            maskAt = (maskAt + 1) & 3;
        }
        return bytes;
    }

    private void control(ChannelHandlerContext context, ByteBuf masked) {
        if (opcode == CLOSE) {
            end(context, NORMAL, "");
        } else if (opcode == PING && context.channel().isWritable()) {
            ByteBuf pong = header(context, PONG, masked.readableBytes());
            context.writeAndFlush(pong.writeBytes(unmasked(masked)));
        }
    }

    /** Says why, if it says anything, and ends the connection. */
    private void end(ChannelHandlerContext context, int code, String why) {
        closed = true;
        if (!why.isEmpty()) {
            LOG.log(Level.INFO, "{0}: closed: {1}", Peer.of(context.channel()), why);
        }
        context.writeAndFlush(closing(context, code)).addListener(ChannelFutureListener.CLOSE);
    }

    private static ByteBuf closing(ChannelHandlerContext context, int code) {
        return header(context, CLOSE, 2).writeShort(code);
    }

    private static ByteBuf header(ChannelHandlerContext context, int opcode, int length) {
        ByteBuf header = context.alloc().directBuffer(length <= CONTROL_BYTES_MAX ? 2 + CONTROL_BYTES_MAX : 10);
        header.writeByte(FIN | opcode);
        if (length <= CONTROL_BYTES_MAX) {
            header.writeByte(length);
        } else if (length <= 0xFFFF) {
            header.writeByte(126).writeShort(length);
        } else {
            header.writeByte(127).writeLong(length);
        }
        return header;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message.equals(Ending.END)) {
            if (!closed) {
                closed = true;
                context.write(closing(context, NORMAL));
            }
            context.write(message, promise);
        } else if (message instanceof ByteBuf bytes && bytes.isReadable() && !closed) {
            context.write(header(context, BINARY, bytes.readableBytes()));
            context.write(bytes, promise);
        } else {
            context.write(message, promise);
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
