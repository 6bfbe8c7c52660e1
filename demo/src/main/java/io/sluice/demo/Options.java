// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the person asked for.
 *
 * @param keep leave everything running after the ledger, until Ctrl-C
 */
record Options(boolean keep, Product gateway, Product cloud) {

    private static final Path PROGRAM = Path.of("gateway/target/quarkus-app/quarkus-run.jar");

    /**
     * Reads {@code --keep} and {@code --program PATH}, and from the environment {@code RIVAL} (the gateway) and {@code CLOUD} (the
     * broker upstream), each {@code mosquitto}, which then saves on every change, or {@code mosquitto-timed}, which saves once a second.
     *
     * @throws DemoFailure if that cannot be done here
     */
    static Options read(List<String> arguments, Map<String, String> environment) {
        boolean keep = false;
        Path program = PROGRAM;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if ("--keep".equals(argument)) {
                keep = true;
            } else if ("--program".equals(argument) && i + 1 < arguments.size()) {
                program = Path.of(arguments.get(++i));
            } else {
                throw new DemoFailure("unknown option " + argument + "; there are --keep and --program PATH", "");
            }
        }
        Product gateway = product("RIVAL", environment, program);
        Product cloud = product("CLOUD", environment, program);
        return new Options(keep, gateway, cloud);
    }

    private static Product product(String variable, Map<String, String> environment, Path program) {
        String name = environment.getOrDefault(variable, "");
        return switch (name) {
            case "" -> sluice(program);
            case "mosquitto" -> mosquitto(variable, environment, true);
            case "mosquitto-timed" -> mosquitto(variable, environment, false);
            default -> throw new DemoFailure(variable + "=" + name + " is not known; mosquitto is", "");
        };
    }

    private static Product mosquitto(String variable, Map<String, String> environment, boolean everyChange) {
        Path program = find("mosquitto", environment)
                .orElseThrow(() -> new DemoFailure(
                        variable + " names Mosquitto, which is not installed: apt-get install mosquitto", ""));
        return new Product.Mosquitto(program, everyChange);
    }

    private static Product sluice(Path program) {
        if (!Files.exists(program)) {
            throw new DemoFailure("there is no " + program + "; make build makes it", "");
        }
        return new Product.Sluice(program.toAbsolutePath());
    }

    /** A program on the path, or in the folders for administrators, which are not on everybody's path. */
    static Optional<Path> find(String program, Map<String, String> environment) {
        return Stream.concat(
                        Stream.of(environment.getOrDefault("PATH", "").split(":")),
                        Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
