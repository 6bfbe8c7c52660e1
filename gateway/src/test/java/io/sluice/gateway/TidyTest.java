// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps the source tree in the shape that CONTRIBUTING.md describes. Whatever it finds is listed with file and line. */
final class TidyTest {

    private static final String HEADER = "// SPDX-License-Identifier: Apache-2.0";
    private static final int FILE_LINES_MAX = 400;
    private static final int METHOD_LINES_MAX = 60;

    private static final Pattern TYPE_NAMES =
            Pattern.compile("\\w*(Impl|Utils?|Helpers?|Manager)|Abstract\\w+|I[A-Z][a-z]\\w*");

    private static final Pattern PARAGRAPH = Pattern.compile("/\\*\\*\\s*\\n \\* \\w[\\s\\S]{80,}\\*/");

    /** Written with a gap, so that this file does not contain what it looks for. */
    private static final Pattern LATER = words("TO" + "DO", "FIX" + "ME", "XX" + "X");

    private static final Pattern LEFT_OUT = Pattern.compile("@Disa" + "bled\\b");
    private static final Pattern SLEEP = Pattern.compile("Thread\\.sle" + "ep|TimeUnit\\.\\w+\\.sle" + "ep");

    private static final Pattern MACHINE_PATH = Pattern.compile(
            "(?<![\\w.}/])/(work|root(?=/)|home/\\w+|Users/\\w+|usr/lib/jvm/[\\w-]*\\w-[\\w-]*)(?=/|\\b)");

    private static final Pattern REGISTRY_HOST = Pattern.compile(
            "(?i)\\b(repo\\d*\\.maven\\.(org|apache\\.org)|central\\.sonatype\\.\\w+|oss\\.sonatype\\.org|registry\\.\\w+\\.\\w+"
                    + "|deb\\.debian\\.org|proxy\\.golang\\.org|docker\\.io|ghcr\\.io|quay\\.io|jitpack\\.io|pypi\\.org)\\b");

    private final SourceTree tree = SourceTree.ofBuild();

    @Test
    void everyJavaFile_beginsWithTheLicence() {
        assertThat(tree.javaFiles()).isNotEmpty();
        assertThat(failing(tree.javaFiles(), text -> text.startsWith(HEADER + "\n")))
                .isEmpty();
    }

    @Test
    void everyJavaFile_isShort() {
        assertThat(failing(tree.javaFiles(), text -> text.lines().count() <= FILE_LINES_MAX))
                .isEmpty();
    }

    @Test
    void everyMethod_isShort() {
        List<JavaSource.Method> methods =
                JavaSource.parse(tree, tree.javaFiles()).methods();

        assertThat(methods).isNotEmpty();
        assertThat(methods)
                .filteredOn(method -> method.lines() > METHOD_LINES_MAX)
                .isEmpty();
    }

    @Test
    void noType_hasANameThatSaysNothing() {
        List<JavaSource.Declared> types =
                JavaSource.parse(tree, tree.javaFiles()).types();

        assertThat(types).isNotEmpty();
        assertThat(types)
                .filteredOn(type -> TYPE_NAMES.matcher(type.name()).matches())
                .isEmpty();
    }

    @Test
    void noFile_isLeftForLater() {
        assertThat(find(LATER, file -> true)).isEmpty();
    }

    @Test
    void noTest_isLeftOutOrSleeps() {
        Predicate<Path> tests = file -> file.toString().contains("/src/test/");

        assertThat(find(LEFT_OUT, tests)).isEmpty();
        assertThat(find(SLEEP, tests)).isEmpty();
    }

    /** They run once more with the sockets on an event loop of their own. */
    @Test
    void everyTestOfTheWholeGateway_isTaggedAsOne() {
        List<Path> tests = tree.javaFiles().stream()
                .filter(file -> file.toString().endsWith("Test.java"))
                .filter(file -> SourceTree.text(file)
                        .filter(text -> text.contains("RunningGateway." + "start(") && !text.contains("listening("))
                        .isPresent())
                .toList();

        assertThat(tests).isNotEmpty();
        assertThat(failing(tests, text -> text.contains("@Tag(\"wire\")"))).isEmpty();
    }

    @Test
    void noFile_namesAMachineOrARegistry() {
        Predicate<Path> others = file -> !file.endsWith("TidyTest.java");

        assertThat(find(MACHINE_PATH, others)).isEmpty();
        assertThat(find(REGISTRY_HOST, others)).isEmpty();
    }

    @Test
    void everyMainPackage_saysWhatItIs() {
        List<Path> files = tree.mainPackages().stream()
                .map(dir -> dir.resolve("package-info.java"))
                .toList();

        assertThat(files).isNotEmpty().allSatisfy(file -> assertThat(file).exists());
        assertThat(failing(files, text -> text.contains("@NullMarked\npackage ")))
                .isEmpty();
        assertThat(failing(files, PARAGRAPH.asPredicate())).isEmpty();
    }

    @Test
    void patterns_findWhatTheyAreFor() {
        assertThat(List.of("FooImpl", "StringUtils", "AbstractThing", "IThing", "SessionManager"))
                .allMatch(TYPE_NAMES.asMatchPredicate());
        assertThat(List.of("Implied", "IdleGap", "IOFailure", "Abstract", "Managed", "In"))
                .noneMatch(TYPE_NAMES.asMatchPredicate());
        assertThat(List.of("see /work/shared", "/home/me/sluice", "in /root/.m2", "/usr/lib/jvm/temurin-25-jdk"))
                .allMatch(MACHINE_PATH.asPredicate());
        assertThat(List.of(
                        "/workers",
                        "/usr/lib/jvm/*25*",
                        "shared/work/",
                        "http://host/root/",
                        "below /usr/lib/jvm, say"))
                .noneMatch(MACHINE_PATH.asPredicate());
        assertThat(List.of("https://repo.maven.apache.org/maven2", "registry.npmjs.org"))
                .allMatch(REGISTRY_HOST.asPredicate());
        assertThat(List.of("http://maven.apache.org/POM/4.0.0", "docker.iota")).noneMatch(REGISTRY_HOST.asPredicate());
        assertThat("it is a TO" + "DO.").containsPattern(LATER);
    }

    /** The names of the files whose text does not satisfy the condition. */
    private List<String> failing(List<Path> files, Predicate<String> condition) {
        return files.stream()
                .filter(file -> SourceTree.text(file).filter(condition).isEmpty())
                .map(tree::name)
                .toList();
    }

    private List<String> find(Pattern pattern, Predicate<Path> files) {
        List<String> places = new ArrayList<>();
        for (Path file : tree.files()) {
            if (!files.test(file)) {
                continue;
            }
            List<String> lines =
                    SourceTree.text(file).map(text -> text.lines().toList()).orElse(List.of());
            for (int i = 0; i < lines.size(); i++) {
                if (pattern.matcher(lines.get(i)).find()) {
                    places.add(tree.name(file) + ":" + (i + 1) + ": "
                            + lines.get(i).strip());
                }
            }
        }
        return places;
    }

    private static Pattern words(String... words) {
        return Pattern.compile("\\b(" + String.join("|", words) + ")\\b");
    }
}
