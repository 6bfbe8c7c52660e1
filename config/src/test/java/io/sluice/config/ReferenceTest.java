// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Holds the commented reference file against the schema. */
class ReferenceTest {

    private final Map<String, Key<?>> declared = new LinkedHashMap<>();
    private final Map<String, Set<String>> shown = new LinkedHashMap<>();
    private Readings readings;

    @BeforeEach
    void walkBoth(@TempDir Path dir) throws IOException {
        Files.createFile(dir.resolve("users.passwd"));
        TlsFilesTest.copyTo(dir);
        readings = new Readings(dir, Map.of("CLOUD_PASSWORD", "secret"));
        declare("", Schema.whole());
        show("", YamlTree.ofDefault(withExamples()));
    }

    @Test
    void reference_asItIs_meansTheSameAsAnEmptyFile() {
        assertThat(readings.valid(SettingsReader.reference())).isEqualTo(readings.valid(""));
    }

    @Test
    void reference_withItsExamples_isValid() {
        Settings settings = readings.valid(withExamples());
        assertThat(settings.devices()).hasSize(2);
        assertThat(settings.bridges().getFirst().rules()).hasSize(3);
    }

    @Test
    void reference_keys_areThoseOfTheSchema() {
        assertThat(new TreeSet<>(shown.keySet())).isEqualTo(new TreeSet<>(declared.keySet()));
    }

    @Test
    void reference_values_areTheDefaults() {
        declared.forEach((path, key) -> {
            if (key.absent() instanceof Key.Default<?>(String yaml)
                    && YamlTree.ofDefault(yaml) instanceof ScalarNode scalar
                    && !yaml.isEmpty()) {
                Set<String> values = shown.getOrDefault(path, Set.of());
                // A word that may have a map behind it is shown with the map, or as the word.
                boolean tagged = declared.keySet().stream().anyMatch(other -> other.startsWith(path + "."));
                assertThat(tagged || values.contains(scalar.getValue()))
                        .as("%s: the default is %s, the reference shows %s", path, yaml, values)
                        .isTrue();
            }
        });
    }

    @Test
    void reference_lines_fitAScreen() {
        assertThat(SettingsReader.reference().lines().filter(line -> line.length() > 100))
                .isEmpty();
        assertThat(SettingsReader.reference().lines().filter(line -> line.endsWith(" ")))
                .isEmpty();
    }

    private static String withExamples() {
        return SettingsReader.reference()
                .lines()
                .map(line -> line.matches("#(\\S|  ).*") ? line.substring(1) : line)
                .collect(Collectors.joining("\n"));
    }

    private void declare(String path, Shape<?> shape) {
        switch (shape) {
            case MapShape<?> map ->
                map.keys().forEach((name, key) -> {
                    declared.put(path + name, key);
                    declare(path + name + ".", key.shape());
                });
            case Shape.Names<?> names -> declare(path + "*.", names.entry());
            case Shape.Items<?> items -> declare(path, items.item());
            case Shape.OneOrMore<?> some -> declare(path, some.item());
            case OneOf<?> oneOf -> oneOf.variants().values().forEach(variant -> declare(path, variant));
            case Tagged<?> tagged -> tagged.words().forEach((word, behind) -> declare(path + word + ".", behind));
            case Shape.Then<?, ?> then -> declare(path, then.shape());
            case Shape.Lenient<?> lenient -> declare(path, lenient.shape());
            case Shape.Scalar scalar -> {}
        }
    }

    private void show(String path, Node node) {
        switch (node) {
            case MappingNode mapping ->
                mapping.getValue().forEach(tuple -> {
                    String name = ((ScalarNode) tuple.getKeyNode()).getValue();
                    boolean chosen = Set.of("listeners.", "access.", "devices.", "bridges.")
                            .contains(path);
                    boolean word =
                            Set.of("devices.*.framing.", "devices.*.decode.").contains(path);
                    String next = path + (chosen ? "*" : name);
                    if (!chosen && !word) {
                        Set<String> values = shown.computeIfAbsent(next, unseen -> new LinkedHashSet<>());
                        if (tuple.getValueNode() instanceof ScalarNode scalar) {
                            values.add(scalar.getValue());
                        }
                    }
                    show(next + ".", tuple.getValueNode());
                });
            case SequenceNode sequence -> sequence.getValue().forEach(item -> show(path, item));
            default -> {}
        }
    }
}
