// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the data types of MQTT (5.0 section 1.5) out of one packet, in place, and never beyond its end. One per connection, used
 * anew for each packet. It reads an array, because a buffer would be asked for each field whether it is still there, and how long it is.
 */
final class PacketInput {

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int at;
    private int end;

    /** Starts with a packet whose bytes after the fixed header stand from {@code from} to {@code to}. */
    void open(byte[] array, int from, int to) {
        bytes = array;
        at = from;
        end = to;
    }

    /** Lets go of the array. */
    void close() {
        bytes = NOTHING;
        at = 0;
        end = 0;
    }

    int remaining() {
        return end - at;
    }

    boolean hasMore() {
        return at < end;
    }

    /** Where the next byte stands in the array. */
    int position() {
        return at;
    }

    /** Makes the next {@code count} bytes look like all there is, for properties; {@link #widen} takes back what this returns. */
    int narrow(int count) throws ProtocolException {
        need(count);
        int outer = end;
        end = at + count;
        return outer;
    }

    void widen(int outer) {
        end = outer;
    }

    /** Passes over the bytes and says where they began. */
    int skip(int count) throws ProtocolException {
        need(count);
        int from = at;
        at += count;
        return from;
    }

    int unsignedByte() throws ProtocolException {
        return bytes[skip(1)] & 0xFF;
    }

    int unsignedShort() throws ProtocolException {
        int from = skip(2);
        return (bytes[from] & 0xFF) << 8 | (bytes[from + 1] & 0xFF);
    }

    long unsignedInt() throws ProtocolException {
        return (long) unsignedShort() << 16 | unsignedShort();
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
        int length = unsignedShort();
        int from = skip(length);
        Utf8.check(bytes, from, from + length);
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }

    Payload payload() throws ProtocolException {
        return Payload.of(binary());
    }

    /** Binary data: two bytes of length, then so many bytes. */
    byte[] binary() throws ProtocolException {
        int length = unsignedShort();
        int from = skip(length);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    /** Copies bytes that were passed over. */
    void copy(int from, byte[] target, int targetAt, int count) {
        System.arraycopy(bytes, from, target, targetAt, count);
    }

    private void need(int count) throws ProtocolException {
        if (count > end - at) {
            throw tooShort(count);
        }
    }

    private ProtocolException tooShort(int count) {
        return Refusal.malformed(
                Refusal.UNNUMBERED, "a field of %d bytes begins %d bytes before its end".formatted(count, end - at));
    }
}
