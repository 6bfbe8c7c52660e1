// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.yaml.snakeyaml.nodes.Node;

/** The file being read: its problems so far, and what its expressions may refer to. */
final class Document {

    private static final int SHOWN_MAX = 60;

    private final Path file;
    private final Expressions expressions;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<ConfigProblem> warnings = new ArrayList<>();

    Document(Path file, Expressions expressions) {
        this.file = file;
        this.expressions = expressions;
    }

    void problem(Place place, String wrong, String right) {
        problems.add(new ConfigProblem(file, place.line(), place.column(), oneLine(wrong), oneLine(right)));
    }

    void problem(Node node, String wrong, String right) {
        problem(Place.of(node), wrong, right);
    }

    /** Something that is no reason not to start, but that an operator wants to know. */
    void warning(Place place, String wrong, String right) {
        warnings.add(new ConfigProblem(file, place.line(), place.column(), oneLine(wrong), oneLine(right)));
    }

    /** Every problem once, in the order of the file. */
    List<ConfigProblem> problems() {
        return sorted(problems);
    }

    List<ConfigProblem> warnings() {
        return sorted(warnings);
    }

    private static List<ConfigProblem> sorted(List<ConfigProblem> found) {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column))
                .toList();
    }

    Expressions expressions() {
        return expressions;
    }

    /** A path in the file is relative to the file's directory. */
    Path resolve(Path path) {
        return file.toAbsolutePath().resolveSibling(path).normalize();
    }

    /** Text of the file as a message may show it. */
    static String shown(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }

    private static String oneLine(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
