// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.ops.BuildVersion;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What {@code sluice} says when it is not told what to do, and its version. */
@Command(
        name = "sluice",
        description = "An MQTT 5 edge gateway: it keeps what sensors say on disk while the uplink is down.",
        mixinStandardHelpOptions = true,
        versionProvider = SluiceCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "To begin: write what 'sluice config' prints to sluice.yaml, change what you need,",
            "see that 'sluice check' has nothing to say, and 'sluice run'."
        },
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            ConfigCommand.class,
            PasswdCommand.class,
            JournalCommand.class
        })
public final class SluiceCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        spec.commandLine().usage(out);
        out.flush();
    }

    /** The version with which the program was built. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {BuildVersion.text()};
        }
    }
}
