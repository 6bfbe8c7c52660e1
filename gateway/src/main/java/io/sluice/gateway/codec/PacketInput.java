// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the data types of MQTT (5.0 section 1.5) out of one packet, in place, and never beyond its end. One per connection, used
 * anew for each packet; it leaves the buffer's own index alone.
 */
final class PacketInput {

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int at;
    private int end;

    /** Starts with a packet whose bytes after the fixed header stand from {@code from} to {@code to}. */
    void open(ByteBuf packet, int from, int to) {
        buffer = packet;
        at = from;
        end = to;
    }

    /** Lets go of the buffer. */
    void close() {
        buffer = Unpooled.EMPTY_BUFFER;
        at = 0;
        end = 0;
    }

    int remaining() {
        return end - at;
    }

    boolean hasMore() {
        return at < end;
    }

    /** Where the next byte stands in the buffer. */
    int position() {
        return at;
    }

    /** Makes the next {@code bytes} look like all there is, for properties; {@link #widen} takes back what this returns. */
    int narrow(int bytes) throws ProtocolException {
        need(bytes);
        int outer = end;
        end = at + bytes;
        return outer;
    }

    void widen(int outer) {
        end = outer;
    }

    /** Passes over the bytes and says where they began. */
    int skip(int bytes) throws ProtocolException {
        need(bytes);
        int from = at;
        at += bytes;
        return from;
    }

    int unsignedByte() throws ProtocolException {
        return buffer.getUnsignedByte(skip(1));
    }

    int unsignedShort() throws ProtocolException {
        return buffer.getUnsignedShort(skip(2));
    }

    long unsignedInt() throws ProtocolException {
        return buffer.getUnsignedInt(skip(4));
    }

    int variableByteInteger() throws ProtocolException {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = unsignedByte();
            value |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                if (digit == 0 && shift > 0) {
                    throw Refusal.malformed(
                            "MQTT-1.5.5-1", "variable byte integer " + value + " takes more bytes than it needs");
                }
                return value;
            }
        }
        throw Refusal.malformed("MQTT-1.5.5-1", "variable byte integer exceeds four bytes");
    }

    /**
     * A packet identifier.
     *
     * @param statement what says that it must not be 0
     */
    int packetId(String statement) throws ProtocolException {
        int id = unsignedShort();
        if (id == 0) {
            throw Refusal.protocolError(statement, "packet identifier must be 1 to 65,535, found 0");
        }
        return id;
    }

    /** A UTF-8 encoded string. */
    String text() throws ProtocolException {
        byte[] bytes = binary();
        Utf8.check(bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    Payload payload() throws ProtocolException {
        return Payload.of(binary());
    }

    /** Binary data: two bytes of length, then so many bytes. */
    byte[] binary() throws ProtocolException {
        byte[] bytes = new byte[need(unsignedShort())];
        copy(skip(bytes.length), bytes, 0, bytes.length);
        return bytes;
    }

    /** Copies bytes that were passed over. */
    void copy(int from, byte[] target, int targetAt, int bytes) {
        buffer.getBytes(from, target, targetAt, bytes);
    }

    private int need(int bytes) throws ProtocolException {
        if (bytes > end - at) {
            throw Refusal.malformed(
                    Refusal.UNNUMBERED,
                    "a field of %d bytes begins %d bytes before its end".formatted(bytes, end - at));
        }
        return bytes;
    }
}
