// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.framing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineFramingTest {

    /** {@code <} stands for CR, {@code >} for LF, {@code !} for a broken link, a space for the edge of a piece. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            ab>cd>,             ab|cd,  0, 0
            ab<>cd<>,           ab|cd,  0, 0
            ab<cd<,             ab|cd,  0, 0
            ab< >cd>,           ab|cd,  0, 0
            a b >,              ab,     0, 0
            >>ab<><>>,          ab,     0, 0
            ab>cd,              ab,     0, 0
            12345>,             12345,  0, 0
            123 45 <>,          12345,  0, 0
            123456>ab>,         ab,     1, 0
            123 456 >ab>,       ab,     1, 0
            123 456 789 012>ab>,ab,     1, 0
            123456>1234567>ab>, ab,     2, 0
            12345 <ab>,         12345|ab, 0, 0
            ab !cd>,            cd,     0, 1
            ab> !cd>,           ab|cd,  0, 0
            123456 !ab>,        ab,     1, 0
            !ab>,               ab,     0, 0
            """)
    void bytes_anyEndsAndPieces_giveLines(String script, String lines, long overlong, long cut) throws Exception {
        Gathered gathered = new Gathered(5);
        for (String piece : script.split(" ")) {
            if (piece.startsWith("!")) {
                gathered.framing.linkBroke();
            }
            gathered.take(piece.replace("!", "").replace('<', '\r').replace('>', '\n'));
        }
        assertThat(gathered.lines).containsExactly(lines.split("\\|"));
        assertThat(gathered.framing.overlong()).isEqualTo(overlong);
        assertThat(gathered.framing.cut()).isEqualTo(cut);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void bytes_inRandomPieces_giveTheLinesOfTheWhole(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            int bytesMax = 1 + random.nextInt(300);
            byte[] stream = randomStream(random);
            Gathered pieces = new Gathered(bytesMax);
            for (int at = 0; at < stream.length; ) {
                int length = Math.min(stream.length - at, 1 + random.nextInt(1 + random.nextInt(100)));
                byte[] piece = new byte[length + random.nextInt(4)];
                System.arraycopy(stream, at, piece, 0, length);
                pieces.framing.take(piece, length, pieces::line);
                at += length;
            }
            List<String> expected = new ArrayList<>();
            long overlong = naive(stream, bytesMax, expected);
            assertThat(pieces.lines).as("seed %s, round %s", seed, round).isEqualTo(expected);
            assertThat(pieces.framing.overlong())
                    .as("seed %s, round %s", seed, round)
                    .isEqualTo(overlong);
        }
    }

    @Test
    void line_ofTheGreatestLength_isTaken() throws Exception {
        Gathered gathered = new Gathered(65_535);
        String longest = "x".repeat(65_535);
        for (int at = 0; at < longest.length(); at += 4_096) {
            gathered.take(longest.substring(at, Math.min(longest.length(), at + 4_096)));
        }
        gathered.take("\n");
        assertThat(gathered.lines).containsExactly(longest);
    }

    @Test
    void longestLine_lessThanOneByte_isRefused() {
        assertThatThrownBy(() -> new LineFraming(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] randomStream(SplittableRandom random) {
        byte[] stream = new byte[random.nextInt(2_000)];
        int oneEndIn = 1 + random.nextInt(200);
        for (int i = 0; i < stream.length; i++) {
            boolean end = random.nextInt(oneEndIn) == 0;
            stream[i] = (byte) (end ? (random.nextBoolean() ? '\r' : '\n') : random.nextInt(256));
        }
        return stream;
    }

    private static long naive(byte[] stream, int bytesMax, List<String> lines) {
        String[] parts = new String(stream, StandardCharsets.ISO_8859_1).split("[\r\n]", -1);
        long overlong = 0;
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].length() > bytesMax) {
                overlong++;
            } else if (!parts[i].isEmpty() && i < parts.length - 1) {
                lines.add(parts[i]);
            }
        }
        return overlong;
    }

    private static final class Gathered {
        final LineFraming framing;
        final List<String> lines = new ArrayList<>();

        Gathered(int bytesMax) {
            framing = new LineFraming(bytesMax);
        }

        void take(String piece) throws InterruptedException {
            byte[] bytes = piece.getBytes(StandardCharsets.ISO_8859_1);
            framing.take(bytes, bytes.length, this::line);
        }

        void line(byte[] bytes, int offset, int length) {
            lines.add(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
        }
    }
}
