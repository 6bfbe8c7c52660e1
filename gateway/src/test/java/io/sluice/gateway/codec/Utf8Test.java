// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.Statement;
import io.sluice.gateway.packet.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The JDK's decoder is the oracle. */
@Statement({"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-1.5.4-3"})
class Utf8Test {

    /** Where the rules change, and one beside each. */
    private static final int[] EDGES = {
        0x00, 0x01, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
        0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF
    };

    @Test
    void check_everySequenceOfEdgesUpToFourBytes_agreesWithTheJdk() {
        byte[] bytes = new byte[4];
        for (int a : EDGES) {
            for (int b : EDGES) {
                for (int c : EDGES) {
                    bytes[0] = (byte) a;
                    bytes[1] = (byte) b;
                    bytes[2] = (byte) c;
                    for (int length = 1; length <= 3; length++) {
                        agree(bytes, 0, length);
                    }
                    // What begins with less is done within three bytes.
                    for (int d : a >= 0xEF ? EDGES : new int[0]) {
                        bytes[3] = (byte) d;
                        agree(bytes, 0, 4);
                    }
                }
            }
        }
    }

    @Test
    void check_everyCodePoint_isAccepted() throws ProtocolException {
        for (int point = 1; point <= Character.MAX_CODE_POINT; point++) {
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
                Utf8.check(bytes, 0, bytes.length);
            }
        }
    }

    @Test
    void check_randomBytesInTheMiddle_agreesWithTheJdk() {
        for (long seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = "ab Kühler ☃ 😀 cd".getBytes(StandardCharsets.UTF_8);
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            agree(bytes, random.nextInt(3), bytes.length - random.nextInt(3));
        }
    }

    private static void agree(byte[] bytes, int from, int to) {
        boolean wellFormed = jdkAccepts(bytes, from, to);
        boolean hasNull = false;
        for (int i = from; i < to; i++) {
            hasNull |= bytes[i] == 0;
        }
        if (Utf8.isWellFormed(bytes, from, to) != wellFormed || accepts(bytes, from, to) != (wellFormed && !hasNull)) {
            assertThat(Arrays.copyOfRange(bytes, from, to))
                    .as("well-formed %s, accepted %s", wellFormed, accepts(bytes, from, to))
                    .isNull();
        }
    }

    private static boolean accepts(byte[] bytes, int from, int to) {
        try {
            Utf8.check(bytes, from, to);
            return true;
        } catch (ProtocolException e) {
            return false;
        }
    }

    private static boolean jdkAccepts(byte[] bytes, int from, int to) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
