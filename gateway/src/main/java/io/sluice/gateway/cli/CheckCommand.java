// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.config.Settings;
import io.sluice.gateway.access.UsersFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice check}: whether a configuration could be run. Touches nothing. */
@Command(
        name = "check",
        description = "Check a configuration file and print every problem, each with its place.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:The configuration can be run", "2:It has problems; they are printed"})
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private ConfigFileOption config = new ConfigFileOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Optional<Settings> settings = config.read(err);
        if (settings.isEmpty()) {
            return ConfigFileOption.PROBLEMS;
        }
        Settings found = settings.get();
        try {
            for (Settings.Access access : found.access()) {
                if (access.usersFile().isPresent()) {
                    UsersFile.read(access.usersFile().get());
                }
            }
        } catch (IOException wrong) {
            err.println(wrong.getMessage());
            err.flush();
            return ConfigFileOption.PROBLEMS;
        }
        if (config.hasWarned()) {
            return ConfigFileOption.PROBLEMS;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%s is fine: gateway %s, %s, %s, %s%n",
                config.file(),
                found.gatewayId(),
                count(found.listeners().size(), "listener"),
                count(found.devices().size(), "device"),
                count(found.bridges().size(), "bridge"));
        out.flush();
        return 0;
    }

    private static String count(int count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
