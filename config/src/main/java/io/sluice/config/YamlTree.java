// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML text as a tree of nodes, each with its place. SnakeYAML only parses here: it builds no objects, and it converts no scalar
 * (its own rules are those of YAML 1.1, where {@code no} is a boolean and {@code 1:30} a number).
 */
final class YamlTree {

    private static final int DEPTH_MAX = 50;

    private static final int ALIASES_MAX = 1_000;

    /** How many nodes the aliases may make of the file; aliases of aliases grow fast. */
    private static final long NODES_MAX = 200_000;

    private static final Set<Tag> TAGS = Set.of(Tag.STR, Tag.MAP, Tag.SEQ);

    private final Document document;
    private final IdentityHashMap<Node, Long> sizes = new IdentityHashMap<>();
    private boolean sound = true;

    private YamlTree(Document document) {
        this.document = document;
    }

    /** Parses the text; empty if it is not YAML that can be read on, which the document then knows. */
    static Optional<Node> parse(String text, Document document) {
        Optional<Integer> unprintable = text.codePoints()
                .boxed()
                .filter(c -> !StreamReader.isPrintable(c))
                .findFirst();
        if (unprintable.isPresent()) {
            document.problem(
                    placeOf(text, text.indexOf(Character.toString(unprintable.get()))),
                    "the character U+%04X is not allowed in YAML".formatted(unprintable.get()),
                    "remove it, or write it as an escape in double quotes");
            return Optional.empty();
        }
        try {
            Node root = compose(text);
            YamlTree tree = new YamlTree(document);
            tree.check(root);
            return tree.sound ? Optional.of(root) : Optional.empty();
        } catch (MarkedYAMLException broken) {
            YamlAdvice advice = YamlAdvice.on(broken);
            Mark mark = broken.getProblemMark() == null ? broken.getContextMark() : broken.getProblemMark();
            document.problem(mark == null ? Place.START : Place.of(mark), advice.wrong(), advice.right());
        } catch (YAMLException tooMuch) {
            document.problem(
                    Place.START,
                    "the file nests deeper than %d levels or uses more than %d aliases"
                            .formatted(DEPTH_MAX, ALIASES_MAX),
                    "write it plainer");
        }
        return Optional.empty();
    }

    /** The node of a default, as {@link Key.Default} has it. */
    static Node ofDefault(String yaml) {
        return compose(yaml);
    }

    /** A node with nothing in it, at the place of another one. */
    static Node nothingAt(Node place) {
        return new ScalarNode(Tag.STR, "", place.getStartMark(), place.getEndMark(), ScalarStyle.PLAIN);
    }

    /** The node of a default, told apart from the file's: it has the place of the map that lacks the key. */
    static Node ofDefault(String yaml, Node map) {
        Node node = compose(yaml);
        return node instanceof ScalarNode scalar
                ? new ScalarNode(
                        Tag.STR, scalar.getValue(), map.getStartMark(), map.getEndMark(), scalar.getScalarStyle())
                : node;
    }

    private static Node compose(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(DEPTH_MAX);
        options.setMaxAliasesForCollections(ALIASES_MAX);
        ParserImpl parser = new ParserImpl(new StreamReader(text), options);
        Node root = new Composer(parser, new TextOnly(), options).getSingleNode();
        if (root != null) {
            return root;
        }
        Mark start = new Mark("", 0, 0, 0, new int[0], 0);
        return new ScalarNode(Tag.STR, "", start, start, ScalarStyle.PLAIN);
    }

    /** How many nodes there are from this one on, aliases followed; counted once for each node. */
    private long check(Node node) {
        Long known = sizes.get(node);
        if (known != null) {
            if (known == 0) {
                refuse(node, "an alias lies within what it stands for", "write the value out");
            }
            return known;
        }
        sizes.put(node, 0L);
        if (!TAGS.contains(node.getTag())) {
            refuse(
                    node,
                    "the tag %s is not known".formatted(node.getTag()),
                    "remove it: every value's type is given by its key");
        }
        long size = 1 + parts(node).mapToLong(this::check).sum();
        if (size > NODES_MAX && sound) {
            refuse(node, "aliases make more than 200,000 values of this", "write out what is needed");
        }
        sizes.put(node, Math.min(size, NODES_MAX));
        return sizes.get(node);
    }

    private static Stream<Node> parts(Node node) {
        return switch (node) {
            case MappingNode mapping ->
                mapping.getValue().stream().flatMap(tuple -> Stream.of(tuple.getKeyNode(), tuple.getValueNode()));
            case SequenceNode sequence -> sequence.getValue().stream();
            default -> Stream.of();
        };
    }

    private void refuse(Node node, String wrong, String right) {
        document.problem(node, wrong, right);
        sound = false;
    }

    /** The place of a character, lines ended as YAML ends them. */
    static Place placeOf(String text, int index) {
        List<String> lines = text.substring(0, index).lines().toList();
        boolean lineBegins = index == 0 || "\r\n".indexOf(text.charAt(index - 1)) >= 0;
        return lineBegins
                ? new Place(lines.size() + 1, 1)
                : new Place(
                        lines.size(),
                        lines.getLast().codePointCount(0, lines.getLast().length()) + 1);
    }

    /** Takes every scalar without a tag for what it is: text. */
    private static final class TextOnly extends Resolver {
        @Override
        public Tag resolve(NodeId kind, String value, boolean implicit) {
            return switch (kind) {
                case mapping -> Tag.MAP;
                case sequence -> Tag.SEQ;
                default -> Tag.STR;
            };
        }
    }
}
