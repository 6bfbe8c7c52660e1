// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A map with known keys.
 *
 * @param keys in the order in which they are read
 * @param listKey the key whose list may stand for the whole map
 * @param make the value that the keys' values make
 */
record MapShape<T>(Map<String, Key<?>> keys, Optional<Key<?>> listKey, Function<Values, T> make) implements Shape<T> {

    /** Declares the keys of one map; {@link #map} then says what they make. */
    static final class Keys {

        private final Map<String, Key<?>> keys = new LinkedHashMap<>();

        /** A key that must be there. */
        <T> Key<T> required(String name, Shape<T> shape, String example) {
            return add(new Key<>(name, shape, new Key.Required<>(example)));
        }

        /** A key with a default, as one would write it. */
        <T> Key<T> key(String name, Shape<T> shape, String defaultYaml) {
            return add(new Key<>(name, shape, new Key.Default<>(defaultYaml)));
        }

        /** A map or list that is empty when it is not there. */
        <T> Key<T> section(String name, Shape<T> shape) {
            return key(name, shape, "");
        }

        /** A key without which there is no such value. */
        <T> Key<Optional<T>> optional(String name, Shape<T> shape) {
            Shape<Optional<T>> present = shape.then((value, place, document) -> Optional.of(value));
            return add(new Key<>(name, present, new Key.Nothing<>(Optional.empty())));
        }

        <T> MapShape<T> map(Function<Values, T> make) {
            return new MapShape<>(keys, Optional.empty(), make);
        }

        <T> MapShape<T> mapOrListOf(Key<?> listKey, Function<Values, T> make) {
            return new MapShape<>(keys, Optional.of(listKey), make);
        }

        private <T> Key<T> add(Key<T> key) {
            keys.put(key.name(), key);
            return key;
        }
    }

    /** The values of one map's keys. */
    static final class Values {

        private final Map<Key<?>, Object> values = new LinkedHashMap<>();
        private final Map<Key<?>, Place> places = new LinkedHashMap<>();
        private final Document document;

        private Values(Document document) {
            this.document = document;
        }

        @SuppressWarnings("unchecked") // Only MapShape.read puts values here, each from the shape of its own key.
        <T> T get(Key<T> key) {
            return (T) Objects.requireNonNull(values.get(key));
        }

        /** Says that the key's value does not go with the others; what is made of them all the same is never used. */
        void refuse(Key<?> key, String wrong, String right) {
            document.problem(places.getOrDefault(key, Place.START), wrong, right);
        }
    }

    @Override
    public Optional<T> read(Node node, String name, Document document) {
        return read(node, name, document, Map.of());
    }

    /** @param foreign keys that would be right beside others, each with what is wrong about it here */
    Optional<T> read(Node node, String name, Document document, Map<String, String> foreign) {
        Map<String, Node> given = new LinkedHashMap<>();
        if (node instanceof SequenceNode && listKey.isPresent()) {
            given.put(listKey.get().name(), node);
        } else if (node instanceof MappingNode mapping) {
            Shape.keys(mapping, name, document).forEach((key, tuple) -> {
                if (keys.containsKey(key)) {
                    given.put(key, tuple.getValueNode());
                } else if (foreign.containsKey(key)) {
                    document.problem(tuple.getKeyNode(), foreign.get(key), "remove one of the two");
                } else {
                    unknown(tuple, key, name, keys.keySet(), document);
                }
            });
        } else if (!Shape.isNothing(node)) {
            document.problem(
                    node,
                    "'%s' is %s".formatted(name, Shape.kind(node)),
                    "it must be a map with keys such as " + some());
            return Optional.empty();
        }
        Values values = new Values(document);
        boolean whole = true;
        for (Key<?> key : keys.values()) {
            whole &= take(key, given, node, name, values);
        }
        return whole ? Optional.of(make.apply(values)) : Optional.empty();
    }

    private <K> boolean take(Key<K> key, Map<String, Node> given, Node parent, String name, Values values) {
        Node node = given.get(key.name());
        values.places.put(key, Place.of(node == null ? parent : node));
        Optional<K> value = node == null
                ? absent(key, parent, name, values.document)
                : key.shape().read(node, key.name(), values.document);
        if (value.isEmpty() && key.absent() instanceof Key.Default<K>(String yaml) && yaml.isEmpty()) {
            // The section is broken and that is said; its defaults let the rest of the file be checked too.
            value = absent(key, parent, name, values.document);
        }
        value.ifPresent(v -> values.values.put(key, v));
        return value.isPresent();
    }

    private static <K> Optional<K> absent(Key<K> key, Node parent, String name, Document document) {
        return switch (key.absent()) {
            case Key.Nothing<K>(K value) -> Optional.of(value);
            case Key.Default<K>(String yaml) ->
                key.shape().read(YamlTree.ofDefault(yaml, parent), key.name(), document);
            case Key.Required<K>(String example) -> {
                document.problem(parent, "'%s' lacks '%s'".formatted(name, key.name()), "add " + example);
                yield Optional.empty();
            }
        };
    }

    static void unknown(NodeTuple tuple, String key, String name, Collection<String> known, Document document) {
        document.problem(
                tuple.getKeyNode(),
                "unknown key '%s' in '%s'".formatted(Document.shown(key), name),
                Nearest.hint(key, known));
    }

    private String some() {
        return String.join(", ", List.copyOf(keys.keySet()).subList(0, Math.min(3, keys.size())));
    }
}
