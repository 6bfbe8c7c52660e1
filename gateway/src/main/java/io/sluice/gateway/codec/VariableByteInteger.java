// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;

/** Variable byte integers on their way out (MQTT 5.0 section 1.5.5); values are 0 to {@link #MAX}. */
final class VariableByteInteger {

    static final int MAX = 268_435_455;

    private VariableByteInteger() {}

    /** How many bytes the value needs, 1 to 4. */
    static int bytes(int value) {
        if (value < 0x80) {
            return 1;
        }
        return value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
    }

    /** The same into an array; where the next byte goes. */
    static int write(int value, byte[] out, int from) {
        int at = from;
        int rest = value;
        while (rest > 0x7F) {
            out[at++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
        return at;
    }

    /** In as few bytes as it needs [MQTT-1.5.5-1]. */
    static void write(int value, ByteBuf out) {
        int rest = value;
        while (rest > 0x7F) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
