// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.sluice.gateway.message.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Gathers a part of a packet in MQTT's data types (5.0 section 1.5), so that its length is known before it is sent. */
final class PacketOutput {

    private static final int TEXT_BYTES_MAX = 65_535;
    private static final int BYTES_AT_FIRST = 64;

    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int length;

    int length() {
        return length;
    }

    PacketOutput oneByte(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    PacketOutput twoBytes(int value) {
        return oneByte(value >>> 8).oneByte(value);
    }

    PacketOutput fourBytes(long value) {
        return twoBytes((int) (value >>> 16)).twoBytes((int) value);
    }

    PacketOutput variableByteInteger(int value) {
        int rest = value;
        while (rest > 0x7F) {
            oneByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        return oneByte(rest);
    }

    /** @throws IllegalArgumentException if the text has more than 65,535 bytes of UTF-8 */
    PacketOutput text(String text) {
        return binary(text.getBytes(StandardCharsets.UTF_8));
    }

    PacketOutput binary(Payload data) {
        return binary(data.toBytes());
    }

    private PacketOutput binary(byte[] data) {
        if (data.length > TEXT_BYTES_MAX) {
            throw new IllegalArgumentException("a text must not exceed 65,535 bytes, has " + data.length);
        }
        twoBytes(data.length);
        return raw(data, 0, data.length);
    }

    PacketOutput raw(byte[] data, int from, int count) {
        room(count);
        System.arraycopy(data, from, bytes, length, count);
        length += count;
        return this;
    }

    void writeTo(ByteBuf out) {
        out.writeBytes(bytes, 0, length);
    }

    /** Appends everything to another. */
    void appendTo(PacketOutput other) {
        other.raw(bytes, 0, length);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(BYTES_AT_FIRST, Math.max(2 * bytes.length, length + more)));
        }
    }
}
