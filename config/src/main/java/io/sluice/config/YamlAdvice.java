// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.Locale;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** What SnakeYAML's complaint means to somebody who writes YAML now and then. */
record YamlAdvice(String wrong, String right) {

    static YamlAdvice on(MarkedYAMLException broken) {
        String problem = broken.getProblem() == null ? "" : broken.getProblem();
        String context = broken.getContext() == null ? "" : broken.getContext();
        if (problem.contains("(TAB)")) {
            return new YamlAdvice("a tab stands where YAML wants spaces", "indent with spaces");
        }
        if (problem.contains("mapping values are not allowed")) {
            return new YamlAdvice(
                    "a value cannot begin at this ':'",
                    "check the indentation, and put text that has ': ' in it in quotes");
        }
        if (problem.contains("undefined alias")) {
            String alias = problem.replace("found undefined alias", "").strip();
            return new YamlAdvice(
                    "the alias *%s stands for nothing".formatted(alias), "put text that begins with * in quotes");
        }
        if (problem.contains("cannot start any token")) {
            return new YamlAdvice("this character cannot begin a value", "put text that begins with it in quotes");
        }
        if (problem.contains("ag is not allowed")) {
            return new YamlAdvice("a tag stands here", "remove it: every value's type is given by its key");
        }
        if (context.contains("expected a single document")) {
            return new YamlAdvice("a second document begins here", "a file holds one; remove the line ---");
        }
        if (context.contains("quoted scalar")) {
            return new YamlAdvice("text in quotes does not end: " + plain(problem), "close the quotes");
        }
        if (context.contains("flow")) {
            return new YamlAdvice(
                    "a bracket or brace is not closed: " + plain(problem), "check the commas, brackets and braces");
        }
        return new YamlAdvice("this is not YAML: " + plain(problem), "check the indentation and the quotes");
    }

    private static String plain(String problem) {
        return problem.replace("<", "").replace(">", "").toLowerCase(Locale.ROOT);
    }
}
