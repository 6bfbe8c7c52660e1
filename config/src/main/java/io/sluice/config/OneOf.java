// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** One of several maps, told apart by the key that only one of them has. */
record OneOf<T>(Map<String, MapShape<? extends T>> variants) implements Shape<T> {

    OneOf {
        variants = new LinkedHashMap<>(variants);
    }

    @Override
    public Optional<T> read(Node node, String name, Document document) {
        String telling = String.join("' or '", variants.keySet());
        if (!(node instanceof MappingNode mapping)) {
            document.problem(
                    node,
                    "'%s' %s"
                            .formatted(
                                    name, Shape.isNothing(node) ? "has nothing behind it" : "is " + Shape.kind(node)),
                    "it must be a map with '%s'".formatted(telling));
            return Optional.empty();
        }
        List<NodeTuple> found = mapping.getValue().stream()
                .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode key && variants.containsKey(key.getValue()))
                .toList();
        if (found.isEmpty()) {
            if (!reportUnknown(mapping, name, document)) {
                document.problem(
                        node,
                        "'%s' has neither '%s'".formatted(name, telling.replace(" or ", " nor ")),
                        "add one of them");
            }
            return Optional.empty();
        }
        String chosen = ((ScalarNode) found.getFirst().getKeyNode()).getValue();
        MapShape<? extends T> shape = Objects.requireNonNull(variants.get(chosen));
        return shape.read(mapping, name, document, foreign(chosen)).map(value -> value);
    }

    private boolean reportUnknown(MappingNode mapping, String name, Document document) {
        LinkedHashMap<String, Key<?>> all = new LinkedHashMap<>();
        variants.values().forEach(variant -> all.putAll(variant.keys()));
        boolean unknown = false;
        for (Map.Entry<String, NodeTuple> entry :
                Shape.keys(mapping, name, document).entrySet()) {
            if (!all.containsKey(entry.getKey())) {
                MapShape.unknown(entry.getValue(), entry.getKey(), name, all.keySet(), document);
                unknown = true;
            }
        }
        return unknown;
    }

    /** The keys of the other variants, each with the key that would make it possible. */
    private Map<String, String> foreign(String chosen) {
        Map<String, String> foreign = new LinkedHashMap<>();
        variants.forEach((telling, variant) -> {
            if (!telling.equals(chosen)) {
                variant.keys()
                        .keySet()
                        .forEach(key -> foreign.put(key, "'%s' does not go with '%s'".formatted(key, chosen)));
            }
        });
        return foreign;
    }
}
