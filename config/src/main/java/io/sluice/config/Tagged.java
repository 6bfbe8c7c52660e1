// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** One of several words, each of which may have a map behind it: {@code line} or {@code {line: {...}}}. */
record Tagged<T>(Map<String, Shape<? extends T>> words) implements Shape<T> {

    Tagged {
        words = new LinkedHashMap<>(words);
    }

    @Override
    public Optional<T> read(Node node, String name, Document document) {
        if (node instanceof ScalarNode scalar && !Shape.isNothing(node)) {
            return behind(scalar, YamlTree.nothingAt(node), name, document);
        }
        if (node instanceof MappingNode mapping
                && mapping.getValue().size() == 1
                && mapping.getValue().getFirst().getKeyNode() instanceof ScalarNode word) {
            return behind(word, mapping.getValue().getFirst().getValueNode(), name, document);
        }
        String possible = String.join(", ", words.keySet());
        document.problem(
                node, "'%s' names nothing, or several things".formatted(name), "it must be one of: " + possible);
        return Optional.empty();
    }

    private Optional<T> behind(ScalarNode word, Node node, String name, Document document) {
        Shape<? extends T> shape = words.get(word.getValue());
        if (shape == null) {
            document.problem(
                    word,
                    "'%s' cannot be '%s'".formatted(name, Document.shown(word.getValue())),
                    Nearest.hint(word.getValue(), words.keySet()));
            return Optional.empty();
        }
        return shape.read(node, word.getValue(), document).map(value -> value);
    }
}
