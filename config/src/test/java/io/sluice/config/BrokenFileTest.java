// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Breaks the reference file at random: whatever comes of it is settings or problems with a place in the file, never a crash. */
class BrokenFileTest {

    private static final String PIECES = "\t\n :-#{}[],'\"&*!|>%@`$~0a\u0000\ud83d\ufeff\u00fc";

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void file_brokenAtRandom_isAnsweredWithProblems(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Readings readings = new Readings(dir, Map.of("CLOUD_PASSWORD", "secret"));
        String whole = SettingsReader.reference()
                .lines()
                .filter(line -> !line.matches("\\s*# .*|#"))
                .map(line -> line.startsWith("#") ? line.substring(1) : line)
                .collect(Collectors.joining("\n"));
        int invalid = 0;
        for (int step = 0; step < 250; step++) {
            String broken = broken(whole, random);
            List<String> problems = problems(readings, broken, "seed %d step %d:%n%s".formatted(seed, step, broken));
            assertThat(problems).allMatch(problem -> problem.matches("sluice\\.yaml:[1-9]\\d*:[1-9]\\d*: [^;]+; .+"));
            invalid += problems.isEmpty() ? 0 : 1;
        }
        assertThat(invalid).isGreaterThan(100);
    }

    private static List<String> problems(Readings readings, String yaml, String description) {
        try {
            return readings.problems(yaml);
        } catch (RuntimeException crash) {
            throw new AssertionError(description, crash);
        }
    }

    private static String broken(String text, SplittableRandom random) {
        StringBuilder broken = new StringBuilder(text);
        for (int wounds = 1 + random.nextInt(3); wounds > 0; wounds--) {
            int at = random.nextInt(broken.length());
            switch (random.nextInt(4)) {
                case 0 -> broken.deleteCharAt(at);
                case 1 -> broken.insert(at, PIECES.charAt(random.nextInt(PIECES.length())));
                case 2 -> broken.setCharAt(at, PIECES.charAt(random.nextInt(PIECES.length())));
                default -> broken.delete(at, Math.min(broken.length(), at + random.nextInt(40)));
            }
        }
        return broken.toString();
    }
}
