// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/**
 * The command line of {@code native-image}, and what the class path adds to it. Knows the options that Quarkus, Netty and Sluice use, and
 * refuses every other by name.
 */
final class Arguments {

    /** Options of the command line that are options of the builder under another name. */
    private static final Map<String, String> RENAMED = Map.of(
            "--enable-native-access", "EnableNativeAccess",
            "--enable-monitoring", "EnableMonitoringFeatures",
            "--enable-url-protocols", "EnableURLProtocols",
            "--features", "Features",
            "-march", "MicroArchitecture",
            "--link-at-build-time", "LinkAtBuildTime");

    private static final Map<String, String> FIXED = Map.of(
            "--no-fallback", "-H:FallbackThreshold=0",
            "-g", "-H:GenerateDebugInfo=2",
            "--gc=serial", "-H:+UseSerialGC",
            "-Ob", "-H:Optimize=b",
            "-Os", "-H:Optimize=s",
            "-O1", "-H:Optimize=1",
            "-O2", "-H:Optimize=2",
            "-O3", "-H:Optimize=3");

    private static final Map<String, String> INITIALIZED =
            Map.of("--initialize-at-build-time", "build_time", "--initialize-at-run-time", "run_time");

    private final List<Path> classPath = new ArrayList<>();
    private final List<String> builderJava = new ArrayList<>();
    private final List<String> builderOptions = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<Metadata.Exclusion> exclusions = new ArrayList<>();

    /** Reads the whole command line; throws {@code IllegalArgumentException} at what it does not know. */
    void readCommandLine(Deque<String> words) throws IOException {
        while (!words.isEmpty()) {
            String word = words.remove();
            switch (word) {
                case "-jar" -> addJar(Path.of(value(word, words)));
                case "-cp", "--class-path" -> {
                    for (String entry : value(word, words).split(":")) {
                        classPath.add(Path.of(entry));
                    }
                }
                case "--exclude-config" ->
                    exclusions.add(new Metadata.Exclusion(value(word, words), value(word, words)));
                default -> {
                    if (word.startsWith("-")) {
                        addOption(word);
                    } else {
                        names.add(word);
                    }
                }
            }
        }
        nameImage();
    }

    /** Adds what the entries of the class path say for themselves; the command line goes last, so that it decides. */
    void readMetadata() throws IOException {
        List<String> decided = List.copyOf(builderOptions);
        builderOptions.clear();
        for (Path entry : classPath) {
            for (String option : Metadata.of(entry, exclusions)) {
                addOption(option);
            }
        }
        builderOptions.addAll(decided);
        builderOptions.add("-H:ImageBuildID=" + UUID.randomUUID());
        builderOptions.add("-H:+UnlockExperimentalVMOptions");
        builderOptions.add("-H:-UseContainerSupport"); // it reads cgroups through the JDK's virtual machine
    }

    private void nameImage() {
        if (names.size() != 1) {
            throw new IllegalArgumentException("expected one name for the executable, found " + names);
        }
        Path image = Path.of(names.getFirst()).toAbsolutePath();
        builderOptions.add("-H:Path=" + image.getParent());
        builderOptions.add("-H:Name=" + image.getFileName());
    }

    private void addOption(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        String value = equals < 0 ? "" : word.substring(equals + 1);
        if (word.startsWith("-J")) {
            builderJava.add(word.substring(2));
        } else if (word.startsWith("-D")) {
            builderJava.add(word);
        } else if (word.startsWith("-H:") || word.startsWith("-R:")) {
            builderOptions.add(word);
        } else if (FIXED.containsKey(word)) {
            builderOptions.add(FIXED.get(word));
        } else if (RENAMED.containsKey(name)) {
            builderOptions.add("-H:" + RENAMED.get(name) + "=" + value);
        } else if (INITIALIZED.containsKey(name)) {
            for (String prefix : value.split(",")) {
                builderOptions.add("-H:ClassInitialization=" + prefix + ":" + INITIALIZED.get(name));
            }
        } else {
            throw new IllegalArgumentException(
                    "unknown option " + word + "; Arguments.java lists those that are known");
        }
    }

    private void addJar(Path jar) throws IOException {
        classPath.add(jar);
        try (JarFile file = new JarFile(jar.toFile())) {
            Attributes manifest = file.getManifest().getMainAttributes();
            builderOptions.add("-H:Class=" + manifest.getValue(Attributes.Name.MAIN_CLASS));
            addEach(manifest.getValue("Add-Opens"), "-H:AddOpens=", "=ALL-UNNAMED");
            addEach(manifest.getValue("Add-Exports"), "-H:AddExports=", "=ALL-UNNAMED");
            addEach(manifest.getValue("Enable-Native-Access"), "-H:EnableNativeAccess=", "");
            String others = manifest.getValue(Attributes.Name.CLASS_PATH);
            for (String other : others == null ? new String[0] : others.trim().split("\\s+")) {
                Path entry = jar.toAbsolutePath().resolveSibling(other);
                if (Files.exists(entry)) {
                    classPath.add(entry);
                }
            }
        }
    }

    private void addEach(String words, String before, String after) {
        if (words != null) {
            for (String word : words.trim().split("\\s+")) {
                builderOptions.add(before + word + after);
            }
        }
    }

    private static String value(String option, Deque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(option + " wants a value");
        }
        return words.remove();
    }

    /** The architecture of the executable, as Java calls it. */
    String architecture() {
        String property = "-Dsvm.targetPlatformArch=";
        return builderJava.stream()
                .filter(option -> option.startsWith(property))
                .map(option -> option.substring(property.length()))
                .findFirst()
                .orElse("amd64");
    }

    String classPath() {
        return classPath.stream().map(Arguments::real).collect(Collectors.joining(":"));
    }

    private static String real(Path entry) {
        try {
            return entry.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> builderJava() {
        return builderJava;
    }

    List<String> builderOptions() {
        return builderOptions;
    }
}
