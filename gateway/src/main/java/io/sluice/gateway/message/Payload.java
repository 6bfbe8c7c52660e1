// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable run of bytes: a payload, a password, correlation data. */
public final class Payload {

    private static final Payload EMPTY = new Payload(new byte[0], 0, 0);

    private final byte[] bytes;
    private final int offset;
    private final int length;

    private Payload(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    public static Payload empty() {
        return EMPTY;
    }

    /** Copies the bytes. */
    public static Payload of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Payload(bytes.clone(), 0, bytes.length);
    }

    /** The UTF-8 bytes of the text. */
    public static Payload ofText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Payload(bytes, 0, bytes.length);
    }

    /** A view that shares the bytes, which the caller never changes from here on. */
    static Payload view(byte[] bytes, int offset, int length) {
        return new Payload(bytes, offset, length);
    }

    /** Length in bytes. */
    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** A copy of the bytes. */
    public byte[] toBytes() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    /** A read-only view. */
    public ByteBuffer asBuffer() {
        return ByteBuffer.wrap(bytes, offset, length).slice().asReadOnlyBuffer();
    }

    /** The bytes read as UTF-8, with replacement characters for what is not. */
    public String text() {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that
                && Arrays.equals(bytes, offset, offset + length, that.bytes, that.offset, that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash;
    }

    /** At most the first 32 bytes in hexadecimal, for logs and failure messages. */
    @Override
    public String toString() {
        int shown = Math.min(length, 32);
        return length + " bytes " + HexFormat.of().formatHex(bytes, offset, offset + shown)
                + (shown < length ? "..." : "");
    }
}
