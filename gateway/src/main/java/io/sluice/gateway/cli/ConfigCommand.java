// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.config.SettingsReader;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice config}: the commented reference file. */
@Command(
        name = "config",
        description = "Print a configuration file with every key, its default, its unit and why it is there.",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(SettingsReader.reference());
        out.flush();
    }
}
