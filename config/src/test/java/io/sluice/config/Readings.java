// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads YAML text from a file {@code sluice.yaml} in a directory of the test's, on a machine named {@code plant-7}. */
record Readings(Path dir, Map<String, String> environment) {

    Readings(Path dir) {
        this(dir, Map.of());
    }

    SettingsReader.Result read(String yaml) {
        try {
            Files.writeString(dir.resolve("hostname"), "plant-7\n");
            Files.writeString(dir.resolve("machine-id"), "0123456789abcdef0123456789abcdef\n");
            Path file = Files.write(dir.resolve("sluice.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
            return read(file);
        } catch (IOException broken) {
            return fail("cannot write to the test's directory", broken);
        }
    }

    SettingsReader.Result read(Path file) {
        return SettingsReader.read(
                file, new Expressions(dir, environment, dir.resolve("hostname"), dir.resolve("machine-id")));
    }

    Settings valid(String yaml) {
        return switch (read(yaml)) {
            case SettingsReader.Valid valid -> valid.settings();
            case SettingsReader.Invalid invalid -> fail("unexpected problems:%n%s", String.join("\n", lines(invalid)));
        };
    }

    /** The problems as the operator sees them, without the path of the test's directory. */
    List<String> problems(String yaml) {
        return switch (read(yaml)) {
            case SettingsReader.Valid valid -> List.of();
            case SettingsReader.Invalid invalid -> lines(invalid);
        };
    }

    List<String> lines(SettingsReader.Invalid invalid) {
        assertThat(invalid.problems()).isNotEmpty();
        return invalid.problems().stream()
                .map(problem -> problem.toString().replace(dir + "/", ""))
                .toList();
    }
}
