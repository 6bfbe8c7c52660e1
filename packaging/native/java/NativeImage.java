// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code native-image} for a toolchain that is put together from the image builder's jars: turns the command line into a run of the
 * builder. Started with the system property {@code toolchain.home}, which looks like the home of a GraalVM.
 */
final class NativeImage {

    private static final String VERSION = "25.0.2";
    private static final String PRODUCT = "GraalVM CE 25.0.2+10.1";
    private static final int USAGE = 2;

    private final Path home = Path.of(System.getProperty("toolchain.home"));
    private final Path builder = home.resolve("lib/svm/builder");
    private final Arguments arguments = new Arguments();

    private NativeImage() {}

    public static void main(String[] commandLine) throws IOException, InterruptedException {
        if (List.of(commandLine).contains("--version")) {
            System.out.println("native-image " + VERSION + " 2026-01-20");
            System.out.println("OpenJDK Runtime Environment " + PRODUCT + " (build 25.0.2+10-jvmci-b01)");
            System.out.println("OpenJDK 64-Bit Server VM " + PRODUCT + " (build 25.0.2+10-jvmci-b01, mixed mode)");
            return;
        }
        try {
            System.exit(new NativeImage().build(new ArrayDeque<>(List.of(commandLine))));
        } catch (IllegalArgumentException e) {
            System.err.println("native-image: " + e.getMessage());
            System.exit(USAGE);
        }
    }

    private int build(Deque<String> commandLine) throws IOException, InterruptedException {
        arguments.readCommandLine(commandLine);
        arguments.readMetadata();
        ProcessBuilder process = new ProcessBuilder(command()).inheritIO();
        process.environment().put("USE_NATIVE_IMAGE_JAVA_PLATFORM_MODULE_SYSTEM", "true");
        Process running = process.start();
        Runtime.getRuntime().addShutdownHook(new Thread(running::destroy));
        return running.waitFor();
    }

    private List<String> command() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/java").toString());
        command.addAll(machine());
        command.addAll(modules());
        command.addAll(arguments.builderJava());
        command.add("--module=org.graalvm.nativeimage.builder/com.oracle.svm.hosted.NativeImageGeneratorRunner");
        command.add("-imagecp");
        command.add(arguments.classPath());
        Path libraries = home.resolve("lib/svm/clibraries/linux-" + arguments.architecture());
        command.add("-H:CLibraryPath=" + libraries.resolve("glibc") + "," + libraries);
        command.addAll(arguments.builderOptions());
        return command;
    }

    /** How the builder's own Java runs. */
    private List<String> machine() {
        return List.of(
                "-Xss10m",
                "-Xms1g",
                "-XX:MaxRAMPercentage=" + System.getenv().getOrDefault("SLUICE_NATIVE_RAM_PERCENT", "40"),
                "-XX:+UseParallelGC",
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:+EnableJVMCI",
                "-XX:-UseJVMCICompiler",
                "-Xshare:off",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=org.graalvm.nativeimage.builder,ALL-UNNAMED",
                "-Djava.awt.headless=true",
                "-Dorg.graalvm.vendor=GraalVM Community",
                "-Dorg.graalvm.vendorurl=https://www.graalvm.org/",
                "-Dorg.graalvm.vendorversion=" + PRODUCT,
                "-Dorg.graalvm.version=" + VERSION,
                "-Dcom.oracle.graalvm.isaot=true",
                "-Dorg.graalvm.nativeimage.imagecode=buildtime",
                "-Djava.system.class.loader=com.oracle.svm.hosted.NativeImageSystemClassLoader",
                "-Djdk.reflect.useOldSerializableConstructor=true",
                "-Djdk.internal.lambda.disableEagerInitialization=true",
                "-Djdk.internal.lambda.eagerlyInitialize=false",
                "-Djava.lang.invoke.InnerClassLambdaMetafactory.initializeLambdas=false",
                "-Djava.lang.invoke.MethodHandle.DONT_INLINE_THRESHOLD=-1",
                "-Djava.lang.invoke.MethodHandle.PROFILE_GWT=false",
                "@" + home.resolve("lib/svm/exports.args"));
    }

    private List<String> modules() throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(builder)) {
            jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
        Path compiler = builder.resolve("compiler-" + VERSION + ".jar");
        String others = jars.stream()
                .filter(jar -> !jar.equals(compiler))
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        return List.of("--upgrade-module-path=" + compiler, "--module-path=" + others, "--add-modules=ALL-DEFAULT");
    }
}
