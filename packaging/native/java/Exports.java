// SPDX-License-Identifier: Apache-2.0

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Prints the options that open the JDK's inner packages to the image builder, one a line. */
final class Exports {

    private static final Set<String> FROM = Set.of(
            "java.base",
            "java.compiler",
            "java.instrument",
            "java.logging",
            "java.management",
            "java.naming",
            "java.rmi",
            "java.sql",
            "java.xml",
            "jdk.internal.jvmstat",
            "jdk.internal.vm.ci",
            "jdk.jfr",
            "jdk.management",
            "jdk.management.jfr",
            "jdk.unsupported",
            "jdk.zipfs");

    private static final String TO = String.join(
            ",",
            List.of(
                    "jdk.graal.compiler",
                    "org.graalvm.nativeimage.builder",
                    "org.graalvm.nativeimage.base",
                    "org.graalvm.nativeimage.pointsto",
                    "org.graalvm.nativeimage.objectfile",
                    "org.graalvm.nativeimage.configure",
                    "org.graalvm.nativeimage.libgraal",
                    "org.graalvm.nativeimage",
                    "org.graalvm.espresso.shared.svm",
                    "org.graalvm.truffle.compiler",
                    "org.graalvm.word"));

    private Exports() {}

    public static void main(String[] arguments) {
        for (ModuleReference reference : ModuleFinder.ofSystem().findAll()) {
            ModuleDescriptor module = reference.descriptor();
            if (FROM.contains(module.name())) {
                closed(module)
                        .forEach(name -> System.out.println("--add-exports=" + module.name() + "/" + name + "=" + TO));
            }
        }
    }

    private static Set<String> closed(ModuleDescriptor module) {
        Set<String> open = module.exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        Set<String> closed = new TreeSet<>(module.packages());
        closed.removeAll(open);
        return closed;
    }
}
