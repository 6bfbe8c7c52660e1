// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.sluice.gateway.codec.PacketsFuzz;
import io.sluice.gateway.journal.JournalFuzz;
import io.sluice.gateway.routing.FiltersFuzz;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The fuzzers' targets on the corpus that they have gathered, and on what some thousand seeded changes make of it. {@code make fuzz}
 * goes on from there, led by coverage, for as long as it is told to.
 */
final class FuzzTest {

    private enum Target {
        PACKETS(PacketsFuzz::fuzzerTestOneInput, 20_000),
        FILTERS(FiltersFuzz::fuzzerTestOneInput, 20_000),
        CONVERSATION(ConversationFuzz::fuzzerTestOneInput, 1_000),
        JOURNAL(JournalFuzz::fuzzerTestOneInput, 500);

        private final Attack attack;
        private final int changes;

        Target(Attack attack, int changes) {
            this.attack = attack;
            this.changes = changes;
        }
    }

    @FunctionalInterface
    private interface Attack {
        void on(byte[] input) throws IOException;
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void target_corpusAndWhatChangesMakeOfIt_holds(Target target) throws IOException {
        List<byte[]> corpus = corpus(target);
        assertThat(corpus).isNotEmpty();
        for (byte[] input : corpus) {
            run(target, input, -1);
        }
        for (long seed = 0; seed < target.changes; seed++) {
            run(target, changed(corpus, new SplittableRandom(seed)), seed);
        }
    }

    private static void run(Target target, byte[] input, long seed) {
        try {
            target.attack.on(input);
        } catch (IOException | RuntimeException | AssertionError broken) {
            fail("seed " + seed + ", input " + HexFormat.of().formatHex(input), broken);
        }
    }

    /** One input a line, in hexadecimal. */
    private static List<byte[]> corpus(Target target) throws IOException {
        String name = "/fuzz/" + target.name().toLowerCase(Locale.ROOT) + ".hex";
        try (InputStream in = FuzzTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(HexFormat.of()::parseHex)
                    .toList();
        }
    }

    /** One input with pieces of another and a few bytes changed. */
    private static byte[] changed(List<byte[]> corpus, SplittableRandom random) {
        byte[] first = corpus.get(random.nextInt(corpus.size()));
        byte[] second = corpus.get(random.nextInt(corpus.size()));
        int head = random.nextInt(first.length + 1);
        int tail = random.nextInt(second.length + 1);
        byte[] mixed = Arrays.copyOf(first, head + second.length - tail);
        System.arraycopy(second, tail, mixed, head, second.length - tail);
        for (int flips = random.nextInt(6); flips > 0 && mixed.length > 0; flips--) {
            mixed[random.nextInt(mixed.length)] = (byte) random.nextInt(256);
        }
        return mixed;
    }
}
