// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** What may stand at a place of the file, and what it means. Shapes are put together in {@link Schema}. */
sealed interface Shape<T>
        permits MapShape,
                Shape.Scalar,
                Shape.Then,
                Shape.Names,
                Shape.Items,
                Shape.OneOrMore,
                Shape.Lenient,
                OneOf,
                Tagged {

    /**
     * Reads the node; what is wrong goes to the document.
     *
     * @param name the key in front of the node, for messages
     * @return empty if something was wrong that leaves no value
     */
    Optional<T> read(Node node, String name, Document document);

    /** Gives the value a further meaning, or refuses it. */
    default <R> Shape<R> then(Step<T, R> step) {
        return new Then<>(this, step);
    }

    /** Keeps where the value stands. */
    default Shape<Located<T>> located() {
        return new Then<>(this, (value, place, document) -> new Located<>(value, place));
    }

    /** One step from what the file says to what it means. */
    @FunctionalInterface
    interface Step<T, R> {
        R of(T value, Place place, Document document) throws Wrong;
    }

    /**
     * A text, expressions replaced.
     *
     * @param expected what is expected, for messages: {@code a whole number}
     * @param quotable whether text in quotes that would be a number or a boolean without them is taken too
     */
    record Scalar(String expected, boolean quotable) implements Shape<String> {

        /** What YAML 1.2's core schema takes for a number or a boolean. */
        private static final Pattern NOT_TEXT =
                Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|true|True|TRUE|false|False|FALSE");

        @Override
        public Optional<String> read(Node node, String name, Document document) {
            if (!(node instanceof ScalarNode scalar)) {
                document.problem(node, "'%s' is %s".formatted(name, kind(node)), "it must be %s".formatted(expected));
                return Optional.empty();
            }
            if (isNothing(node)) {
                document.problem(
                        node,
                        "'%s' has nothing behind it".formatted(name),
                        "write %s, or remove the line".formatted(expected));
                return Optional.empty();
            }
            String text = scalar.getValue();
            if (!quotable
                    && scalar.getScalarStyle() != ScalarStyle.PLAIN
                    && NOT_TEXT.matcher(text).matches()) {
                document.problem(
                        node,
                        "'%s' is text, because of its quotes".formatted(name),
                        "write " + text + " without quotes");
                return Optional.empty();
            }
            try {
                return Optional.of(
                        Expressions.isIn(text) ? document.expressions().expand(text) : text);
            } catch (Wrong wrong) {
                return refuse(wrong, node, name, document);
            }
        }
    }

    /** A shape, and what its value means. */
    record Then<T, R>(Shape<T> shape, Step<T, R> step) implements Shape<R> {
        @Override
        public Optional<R> read(Node node, String name, Document document) {
            Optional<T> value = shape.read(node, name, document);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            try {
                return Optional.of(step.of(value.get(), Place.of(node), document));
            } catch (Wrong wrong) {
                return refuse(wrong, node, name, document);
            }
        }
    }

    /** A value that may be wrong without hiding what surrounds it: then there is a problem and the value is empty. */
    record Lenient<T>(Shape<T> shape) implements Shape<Optional<T>> {
        @Override
        public Optional<Optional<T>> read(Node node, String name, Document document) {
            return Optional.of(shape.read(node, name, document));
        }
    }

    /** A map from names that the operator chooses. */
    record Names<T>(Shape<T> entry) implements Shape<List<Named<T>>> {

        private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,63}");

        @Override
        public Optional<List<Named<T>>> read(Node node, String name, Document document) {
            if (isNothing(node)) {
                return Optional.of(List.of());
            }
            if (!(node instanceof MappingNode mapping)) {
                document.problem(
                        node,
                        "'%s' is %s".formatted(name, kind(node)),
                        "it must be a map of names, each with its keys below");
                return Optional.empty();
            }
            List<Named<T>> entries = new ArrayList<>();
            keys(mapping, name, document).forEach((key, tuple) -> {
                if (!NAME.matcher(key).matches()) {
                    document.problem(
                            tuple.getKeyNode(),
                            "'%s' cannot be a name in '%s'".formatted(Document.shown(key), name),
                            "use 1 to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit");
                }
                entry.read(tuple.getValueNode(), key, document)
                        .ifPresent(value -> entries.add(new Named<>(key, Place.of(tuple.getKeyNode()), value)));
            });
            return Optional.of(entries);
        }
    }

    /** A list. */
    record Items<T>(Shape<T> item) implements Shape<List<T>> {
        @Override
        public Optional<List<T>> read(Node node, String name, Document document) {
            if (isNothing(node)) {
                return Optional.of(List.of());
            }
            if (!(node instanceof SequenceNode sequence)) {
                document.problem(node, "'%s' is %s".formatted(name, kind(node)), "it must be a list: [...]");
                return Optional.empty();
            }
            List<T> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                this.item.read(item, name, document).ifPresent(items::add);
            }
            // If all of them are wrong, an empty list would only bring about a second problem.
            return items.isEmpty() && !sequence.getValue().isEmpty() ? Optional.empty() : Optional.of(items);
        }
    }

    /** A list, or a single value in place of a list with one. */
    record OneOrMore<T>(Shape<T> item) implements Shape<List<T>> {
        @Override
        public Optional<List<T>> read(Node node, String name, Document document) {
            return node instanceof SequenceNode || isNothing(node)
                    ? new Items<>(item).read(node, name, document)
                    : item.read(node, name, document).map(List::of);
        }
    }

    /** The entries of a map by key; keys that are given twice or are no text are problems. */
    static Map<String, NodeTuple> keys(MappingNode mapping, String name, Document document) {
        Map<String, NodeTuple> keys = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                document.problem(
                        tuple.getKeyNode(),
                        "a key of '%s' is %s".formatted(name, kind(tuple.getKeyNode())),
                        "a key is a word");
                continue;
            }
            NodeTuple before = keys.putIfAbsent(key.getValue(), tuple);
            if (before != null) {
                document.problem(
                        key,
                        "'%s' is given twice, first in line %d"
                                .formatted(
                                        Document.shown(key.getValue()),
                                        Place.of(before.getKeyNode()).line()),
                        "keep one of them");
            }
        }
        return keys;
    }

    /** Whether there is nothing behind a key: no text, {@code ~} or {@code null}. */
    static boolean isNothing(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && switch (scalar.getValue()) {
                    case "", "~", "null", "Null", "NULL" -> true;
                    default -> false;
                };
    }

    static String kind(Node node) {
        return switch (node) {
            case MappingNode mapping -> "a map";
            case SequenceNode sequence -> "a list";
            default -> "a single value";
        };
    }

    private static <T> Optional<T> refuse(Wrong wrong, Node node, String name, Document document) {
        String value = node instanceof ScalarNode scalar ? Document.shown(scalar.getValue()) : "";
        document.problem(
                node,
                wrong.wrong().replace("{name}", name).replace("{value}", value),
                wrong.right().replace("{name}", name).replace("{value}", value));
        return Optional.empty();
    }
}
