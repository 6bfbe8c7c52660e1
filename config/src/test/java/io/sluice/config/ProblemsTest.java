// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The exact text of every kind of problem. {@code problems.txt} holds the cases: a line {@code === name}, the YAML, a line
 * {@code ---}, and the lines that the operator sees. {@code \t} in the YAML stands for a tab.
 */
class ProblemsTest {

    private static final Map<String, String> ENVIRONMENT =
            Map.of("SECRET", "hunter2", "HOME", "/root", "LINES", "a\nb");

    @TempDir
    Path dir;

    @TestFactory
    Stream<DynamicTest> problems() throws IOException {
        List<String> cases = new ArrayList<>(Arrays.asList(table().split("(?m)^=== ")));
        cases.removeFirst();
        assertThat(cases).hasSizeGreaterThan(60);
        return cases.stream().map(this::test);
    }

    private DynamicTest test(String text) {
        int yamlStart = text.indexOf('\n') + 1;
        int separator = text.indexOf("\n---\n", yamlStart - 1);
        String name = text.substring(0, yamlStart - 1);
        String yaml =
                text.substring(yamlStart, Math.max(yamlStart, separator + 1)).replace("\\t", "\t");
        List<String> expected = text.substring(separator + 5).strip().lines().toList();
        return DynamicTest.dynamicTest(name, () -> {
            List<String> problems = new Readings(dir, ENVIRONMENT).problems(yaml);
            assertThat(String.join("\n", problems)).isEqualTo(String.join("\n", expected));
            assertThat(problems).noneMatch(problem -> problem.contains("hunter2"));
        });
    }

    private static String table() throws IOException {
        try (InputStream in = Objects.requireNonNull(ProblemsTest.class.getResourceAsStream("problems.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
