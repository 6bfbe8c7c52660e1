// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.config.Settings;
import io.sluice.config.SettingsReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that names the configuration file, and reading it. */
final class ConfigFileOption {

    /** The exit status when the configuration has problems. */
    static final int PROBLEMS = 2;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "/etc/sluice/sluice.yaml",
            description = "The configuration file. Default: ${DEFAULT-VALUE}")
    private Path file = Path.of("sluice.yaml");

    private boolean warned;

    /** Whether something was printed although there are settings. */
    boolean hasWarned() {
        return warned;
    }

    Path file() {
        return file;
    }

    /** The settings, or nothing when every problem has been printed. */
    Optional<Settings> read(PrintWriter problems) {
        return switch (SettingsReader.read(file, System.getenv())) {
            case SettingsReader.Valid valid -> {
                valid.warnings().forEach(problems::println);
                problems.flush();
                warned = !valid.warnings().isEmpty();
                yield Optional.of(valid.settings());
            }
            case SettingsReader.Invalid invalid -> {
                invalid.problems().forEach(problems::println);
                problems.flush();
                yield Optional.empty();
            }
        };
    }
}
