// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text with placeholders such as {@code {gateway}}. */
final class Template {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    private Template() {}

    /**
     * Puts the values in.
     *
     * @param values by placeholder
     * @return empty if a placeholder is unknown or a brace stands alone, which the document then knows
     */
    static Optional<String> fill(Located<String> template, Map<String, String> values, Document document) {
        Matcher matcher = PLACEHOLDER.matcher(template.value());
        Optional<String> unknown = matcher.results()
                .map(found -> found.group(1))
                .filter(name -> !values.containsKey(name))
                .findFirst();
        if (unknown.isPresent()) {
            document.problem(
                    template.place(),
                    "unknown placeholder {%s}".formatted(Document.shown(unknown.get())),
                    Nearest.hint(unknown.get(), values.keySet()));
            return Optional.empty();
        }
        if (matcher.replaceAll("").matches(".*[{}].*")) {
            document.problem(
                    template.place(), "a brace stands alone", "braces enclose a placeholder: " + values.keySet());
            return Optional.empty();
        }
        return Optional.of(
                matcher.replaceAll((MatchResult found) -> Matcher.quoteReplacement(values.get(found.group(1)))));
    }
}
