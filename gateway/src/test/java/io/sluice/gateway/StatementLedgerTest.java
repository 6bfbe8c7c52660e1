// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the tests against the list of MQTT 5.0's normative statements, and prints those for servers that no test names. */
final class StatementLedgerTest {

    private static final Pattern ID = Pattern.compile("MQTT-\\d+(\\.\\d+)+-\\d+");

    private final SourceTree tree = SourceTree.ofBuild();
    private final Map<String, Listed> listed = listed();

    @Test
    void list_isWhole() {
        assertThat(listed).hasSize(251);
        assertThat(listed.values()).filteredOn(Listed::forServers).hasSize(227);
    }

    @Test
    void everyStatementNamed_isInTheList() {
        assertThat(named()).isSubsetOf(listed.keySet());
    }

    @Test
    void serverStatements_haveTests() {
        Set<String> untested = new TreeSet<>();
        listed.forEach((id, statement) -> {
            if (statement.forServers()) {
                untested.add(id);
            }
        });
        int all = untested.size();
        untested.removeAll(named());

        System.out.println(untested.size() + " of " + all + " statements for servers have no test:");
        untested.forEach(
                id -> System.out.println("  " + id + "  " + listed.get(id).gist()));
        assertThat(untested).as("statements for servers without a test").isEmpty();
    }

    /** One line of the list. */
    private record Listed(boolean forServers, String gist) {}

    private Map<String, Listed> listed() {
        Map<String, Listed> statements = new TreeMap<>();
        for (String line : read(tree.root().resolve("gateway/src/test/resources/mqtt5-statements.tsv"))) {
            String[] columns = line.split("\t", -1);
            if (ID.matcher(columns[0]).matches()) {
                statements.put(columns[0], new Listed(!columns[2].equals("client"), columns[4]));
            }
        }
        return statements;
    }

    private Set<String> named() {
        Set<String> named = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter().importPaths(testOutputs())) {
            addNamed(named, type);
            for (JavaMethod method : type.getMethods()) {
                addNamed(named, method);
            }
        }
        for (Path file : packetCases()) {
            for (String line : read(file)) {
                ID.matcher(line).results().forEach(match -> named.add(match.group()));
            }
        }
        return named;
    }

    private static void addNamed(Set<String> named, CanBeAnnotated annotated) {
        if (annotated.isAnnotatedWith(Statement.class)) {
            named.addAll(List.of(annotationOf(annotated).value()));
        }
    }

    private static Statement annotationOf(CanBeAnnotated annotated) {
        return switch (annotated) {
            case JavaClass type -> type.getAnnotationOfType(Statement.class);
            case JavaMethod method -> method.getAnnotationOfType(Statement.class);
            default -> throw new IllegalStateException("a class or a method, not " + annotated);
        };
    }

    private List<Path> testOutputs() {
        return Stream.of("bridge-rules", "devices", "config", "gateway")
                .map(module -> tree.root().resolve(module).resolve("target/test-classes"))
                .filter(Files::isDirectory)
                .toList();
    }

    private List<Path> packetCases() {
        return tree.files().stream()
                .filter(file -> file.toString().contains("src/test/resources/packets/"))
                .filter(file -> file.toString().endsWith(".txt"))
                .toList();
    }

    private static List<String> read(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
