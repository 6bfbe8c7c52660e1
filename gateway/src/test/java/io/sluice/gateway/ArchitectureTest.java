// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which way imports go, between modules and between packages, and which library stays where. */
final class ArchitectureTest {

    private static final String ROOT = "io.sluice.gateway";
    private static final DescribedPredicate<JavaClass> JDK_AND_MARKS = resideInAnyPackage(
                    "java..", "javax.net..", "jdk.net..", "org.jspecify..")
            .as("the JDK and JSpecify's marks");

    private static final JavaClasses PRODUCTION = new ClassFileImporter().importPaths(productionOutputs());

    @Test
    void production_isThere() {
        assertThat(PRODUCTION.size()).isGreaterThan(20);
        assertThat(List.of("topic", "rules", "device", "config", "gateway"))
                .allSatisfy(name -> assertThat(PRODUCTION.stream())
                        .anyMatch(type -> type.getPackageName().startsWith("io.sluice." + name)));
    }

    @Test
    void topic_importsNothing() {
        check(onlyImports("io.sluice.topic..", resideInAPackage("io.sluice.topic..")));
    }

    @Test
    void rules_importTopicsOnly() {
        check(onlyImports("io.sluice.rules..", resideInAnyPackage("io.sluice.rules..", "io.sluice.topic..")));
    }

    @Test
    void devices_knowNeitherRulesNorGateway() {
        check(onlyImports(
                "io.sluice.device..",
                resideInAnyPackage("io.sluice.device..", "com.fazecast.jSerialComm..", "com.digitalpetri..")));
    }

    @Test
    void config_doesNotKnowTheGateway() {
        check(noClasses()
                .that()
                .resideInAPackage("io.sluice.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".."));
    }

    @Test
    void libraries_stayWhereTheyBelong() {
        staysIn(resideInAPackage("io.netty.."), ROOT, ROOT + ".net..", ROOT + ".codec..");
        staysIn(resideInAPackage("org.graalvm.."), ROOT + ".ops..");
        staysIn(resideInAPackage("com.fazecast.."), "io.sluice.device.link..", "com.fazecast.jSerialComm.android..");
        staysIn(resideInAnyPackage("io.smallrye..", "org.yaml.."), "io.sluice.config..");
        staysIn(
                resideInAnyPackage("io.quarkus..", "org.eclipse.microprofile..", "picocli.."),
                "io.sluice.config..",
                ROOT,
                ROOT + ".ops..",
                ROOT + ".cli..");
    }

    @Test
    void message_packet_codec_pointOneWay() {
        check(onlyImports(ROOT + ".message..", resideInAnyPackage(ROOT + ".message..", "io.sluice.topic..")));
        check(onlyImports(
                ROOT + ".packet..", resideInAnyPackage(ROOT + ".packet..", ROOT + ".message..", "io.sluice.topic..")));
        check(onlyImports(
                ROOT + ".codec..",
                resideInAnyPackage(
                        ROOT + ".codec..",
                        ROOT + ".packet..",
                        ROOT + ".message..",
                        "io.sluice.topic..",
                        "io.netty..")));
        check(onlyImports(ROOT + ".loop..", resideInAPackage(ROOT + ".loop..")));
    }

    @Test
    void journal_knowsNoneOfItsUsers() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".routing..",
                        ROOT + ".session..",
                        ROOT + ".net..",
                        ROOT + ".bridge..",
                        ROOT + ".field.."));
    }

    @Test
    void access_knowsNeitherSessionsNorSockets() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".access..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".session..", ROOT + ".net..", ROOT + ".routing..", ROOT + ".journal.."));
    }

    @Test
    void gatewayPackages_haveNoCycles() {
        check(slices().assignedFrom(new PackagesBelowTheRoot()).should().beFreeOfCycles());
    }

    @Test
    void nothing_dependsOnTheRoot() {
        check(noClasses()
                .that(resideInAnyPackage(ROOT + ".*..").and(not(resideInAPackage(ROOT + ".cli.."))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT));
    }

    @Test
    void demo_knowsSluiceOnlyFromOutside() {
        JavaClasses demo = new ClassFileImporter().importPath(output("demo"));
        assertThat(PRODUCTION.stream()).noneMatch(type -> type.getPackageName().startsWith("io.sluice.demo"));
        onlyImports("io.sluice.demo..", resideInAPackage("io.sluice.demo.."))
                .allowEmptyShould(true)
                .check(demo);
    }

    private static ArchRule onlyImports(String from, DescribedPredicate<JavaClass> allowed) {
        return classes()
                .that()
                .resideInAPackage(from)
                .should()
                .onlyDependOnClassesThat(allowed.or(JDK_AND_MARKS).or(describe("arrays", JavaClass::isArray)));
    }

    private static void staysIn(DescribedPredicate<JavaClass> library, String... homes) {
        check(noClasses().that(not(resideInAnyPackage(homes))).should().dependOnClassesThat(library));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(PRODUCTION);
    }

    private static List<Path> productionOutputs() {
        return Stream.of("bridge-rules", "devices", "config", "gateway")
                .map(ArchitectureTest::output)
                .toList();
    }

    private static Path output(String module) {
        Path output = SourceTree.ofBuild().root().resolve(module).resolve("target/classes");
        if (!Files.isDirectory(output) && !module.equals("demo")) {
            throw new IllegalStateException(output + " is missing: compile " + module + " first");
        }
        return output;
    }

    /** The packages of the gateway but its root, where everything comes together. */
    private static final class PackagesBelowTheRoot implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String name = type.getPackageName();
            if (!name.startsWith(ROOT + ".")) {
                return SliceIdentifier.ignore();
            }
            return SliceIdentifier.of(name.substring(ROOT.length() + 1).split("\\.")[0]);
        }

        @Override
        public String getDescription() {
            return "the gateway's packages";
        }
    }
}
