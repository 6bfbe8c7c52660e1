// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import java.util.Arrays;

/** Makes choices out of a fuzzer's bytes, front to back; when they are used up, every choice is the first. */
public final class FuzzInput {

    private final byte[] bytes;
    private int at;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean hasMore() {
        return at < bytes.length;
    }

    /** The next byte, 0 to 255. */
    public int octet() {
        return hasMore() ? bytes[at++] & 0xFF : 0;
    }

    /** One of so many, from 0 on; at most 256. */
    public int choice(int count) {
        return octet() % count;
    }

    public boolean flag() {
        return (octet() & 1) == 1;
    }

    @SafeVarargs
    public final <T> T oneOf(T... values) {
        return values[choice(values.length)];
    }

    /** All that is left. */
    public byte[] rest() {
        byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
        at = bytes.length;
        return rest;
    }
}
