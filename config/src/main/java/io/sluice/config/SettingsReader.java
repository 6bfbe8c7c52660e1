// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Reads {@code sluice.yaml}. Blocks on the file; call it before the gateway's threads run. */
public final class SettingsReader {

    private static final String REFERENCE = "sluice.yaml";

    private SettingsReader() {}

    /** What reading a file gives. */
    public sealed interface Result {}

    /**
     * The file can be used.
     *
     * @param warnings what keeps it from working as it should although it can be used, such as a certificate that has expired
     */
    public record Valid(Settings settings, List<ConfigProblem> warnings) implements Result {
        public Valid {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * The file cannot be used.
     *
     * @param problems all that is wrong, at least one, in the order of the file
     */
    public record Invalid(List<ConfigProblem> problems) implements Result {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Reads a configuration file. Whatever the file holds or whether it is there at all, the answer is a result.
     *
     * @param file the file, at most 1 MiB of UTF-8; relative paths in it belong to its directory
     * @param environment the environment variables, for {@code env:NAME} expressions and systemd's {@code CREDENTIALS_DIRECTORY}
     */
    public static Result read(Path file, Map<String, String> environment) {
        return read(file, Expressions.ofThisMachine(file.toAbsolutePath().resolveSibling(""), environment));
    }

    static Result read(Path file, Expressions expressions) {
        Document document = new Document(file, expressions);
        Optional<Node> root = ConfigFile.text(file, document).flatMap(text -> YamlTree.parse(text, document));
        Optional<Settings> settings = root.flatMap(
                        node -> Schema.whole().read(node, String.valueOf(file.getFileName()), document))
                .map(whole -> new Assembly(whole, document).settings());
        List<ConfigProblem> problems = document.problems();
        return settings.isPresent() && problems.isEmpty()
                ? new Valid(settings.get(), document.warnings())
                : new Invalid(problems);
    }

    /** The reference file: every key with its default, unit and why. It can be used as it is. */
    public static String reference() {
        try (InputStream in = SettingsReader.class.getResourceAsStream(REFERENCE)) {
            if (in == null) {
                throw new IllegalStateException("the program was built without its " + REFERENCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
