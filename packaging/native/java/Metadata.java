// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/** What a jar says below {@code META-INF/native-image/} about how it wants to be built. */
final class Metadata {

    private static final String FOLDER = "META-INF/native-image/";

    /** Files that the builder reads itself once it is told where they are, and the option that tells. */
    private static final Map<String, String> READ_BY_BUILDER = Map.of(
            "reachability-metadata.json", "ReachabilityMetadataResources",
            "reflect-config.json", "ReflectionConfigurationResources",
            "jni-config.json", "JNIConfigurationResources",
            "proxy-config.json", "DynamicProxyConfigurationResources",
            "resource-config.json", "ResourceConfigurationResources",
            "serialization-config.json", "SerializationConfigurationResources",
            "predefined-classes-config.json", "PredefinedClassesConfigurationResources");

    private Metadata() {}

    /**
     * Leaves out some files of some jars.
     *
     * @param jar a regular expression for a part of the jar's path
     * @param resource one for a part of the resource's path, which begins with a slash
     */
    record Exclusion(String jar, String resource) {
        boolean covers(Path file, String name) {
            return Pattern.compile(jar).matcher(file.toString()).find()
                    && Pattern.compile(resource).matcher("/" + name).find();
        }
    }

    /** The options that the jar asks for. */
    static List<String> of(Path jar, List<Exclusion> exclusions) throws IOException {
        List<String> options = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            List<JarEntry> entries = file.stream()
                    .filter(entry -> !entry.isDirectory() && entry.getName().startsWith(FOLDER))
                    .filter(entry -> exclusions.stream()
                            .noneMatch(exclusion -> exclusion.covers(jar.toAbsolutePath(), entry.getName())))
                    .sorted(Comparator.comparing(JarEntry::getName))
                    .toList();
            for (JarEntry entry : entries) {
                String name = entry.getName();
                String fileName = name.substring(name.lastIndexOf('/') + 1);
                if (READ_BY_BUILDER.containsKey(fileName)) {
                    options.add("-H:" + READ_BY_BUILDER.get(fileName) + "=" + name);
                } else if (fileName.equals("native-image.properties")) {
                    options.addAll(properties(file, entry));
                }
            }
        }
        return options;
    }

    private static List<String> properties(JarFile file, JarEntry entry) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = file.getInputStream(entry)) {
            properties.load(in);
        }
        String folder = entry.getName().substring(0, entry.getName().lastIndexOf('/'));
        List<String> options = new ArrayList<>();
        for (String key : List.of("Args", "JavaArgs")) {
            String words =
                    properties.getProperty(key, "").replace("${.}", folder).trim();
            for (String word : words.isEmpty() ? new String[0] : words.split("\\s+")) {
                options.add(key.equals("JavaArgs") ? "-J" + word : word);
            }
        }
        return options;
    }
}
