// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A broker that can play the gateway or the cloud: how it is configured for that, and how it is started. */
sealed interface Product {

    String label();

    /** Whether devices that do not speak MQTT can be connected to it. */
    boolean takesLines();

    Setup cloud(Path dir, int port);

    /** @param devices the YAML of the devices, as an indented block; empty without any */
    Setup gateway(Path dir, int port, int uplinkPort, String devices);

    /**
     * One broker ready to be started.
     *
     * @param file where {@code text} has to be written before the command is run
     * @param dataDir where it keeps what must survive; exists before the command is run
     */
    record Setup(Path file, String text, Path dataDir, List<String> command) {
        public Setup {
            command = List.copyOf(command);
        }
    }

    /** @param program the runnable jar, or the native executable */
    record Sluice(Path program) implements Product {

        @Override
        public String label() {
            return "Sluice";
        }

        @Override
        public boolean takesLines() {
            return true;
        }

        @Override
        public Setup cloud(Path dir, int port) {
            String text = """
                    gateway: {id: cloud}
                    data: {dir: %s, max-bytes: 1GiB}
                    listeners:
                      local: {bind: 127.0.0.1, port: %d}
                    """.formatted(dir.resolve("cloud-data"), port);
            return setup(dir.resolve("cloud.yaml"), text, dir.resolve("cloud-data"));
        }

        @Override
        public Setup gateway(Path dir, int port, int uplinkPort, String devices) {
            String text = """
                    gateway: {id: demo}
                    data: {dir: %s, max-bytes: 256MiB}

                    listeners:
                      local: {bind: 127.0.0.1, port: %d}
                    %s
                    bridges:
                      cloud:
                        upstream: {addresses: ["mqtt://127.0.0.1:%d"]}
                        rules:
                          - {forward: "sensors/#", to: "site/{gateway}/sensors/#"}
                    """.formatted(dir.resolve("gateway-data"), port, devices, uplinkPort);
            return setup(dir.resolve("sluice.yaml"), text, dir.resolve("gateway-data"));
        }

        private Setup setup(Path file, String text, Path dataDir) {
            List<String> command = new ArrayList<>();
            if (program.toString().endsWith(".jar")) {
                // A small heap and the plain collector, as a small box would have them.
                command.add(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
                command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-jar"));
            }
            command.addAll(List.of(program.toString(), "run", "--config", file.toString()));
            return new Setup(file, text, dataDir, command);
        }
    }

    /**
     * Mosquitto, with what it has for keeping messages.
     *
     * @param everyChange whether it writes its whole store on each change, the safest it can do; else once a second
     */
    record Mosquitto(Path program, boolean everyChange) implements Product {

        @Override
        public String label() {
            return "Mosquitto";
        }

        @Override
        public boolean takesLines() {
            return false;
        }

        @Override
        public Setup cloud(Path dir, int port) {
            return setup(dir.resolve("cloud.conf"), base(dir.resolve("cloud-data"), port), dir.resolve("cloud-data"));
        }

        @Override
        public Setup gateway(Path dir, int port, int uplinkPort, String devices) {
            String bridge = """

                    connection cloud
                    address 127.0.0.1:%d
                    cleansession false
                    notifications false
                    restart_timeout 1
                    topic sensors/# out 1 "" site/demo/
                    """.formatted(uplinkPort);
            return setup(
                    dir.resolve("mosquitto.conf"),
                    base(dir.resolve("gateway-data"), port) + bridge,
                    dir.resolve("gateway-data"));
        }

        private String base(Path data, int port) {
            String user = "root".equals(System.getProperty("user.name")) ? "user root\n" : "";
            return """
                    listener %d 127.0.0.1
                    allow_anonymous true
                    persistence true
                    persistence_location %s/
                    autosave_interval 1
                    autosave_on_changes %b
                    max_queued_messages 0
                    max_inflight_messages 1000
                    """.formatted(port, data, everyChange) + user;
        }

        private Setup setup(Path file, String text, Path dataDir) {
            return new Setup(file, text, dataDir, List.of(program.toString(), "-c", file.toString()));
        }
    }
}
