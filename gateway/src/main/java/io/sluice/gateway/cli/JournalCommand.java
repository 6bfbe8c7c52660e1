// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice journal}: what is on disk, without changing it. */
@Command(
        name = "journal",
        description = "Look into a journal, check it, or take messages out of it, while a gateway runs or not.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        footer = {"", "None of these locks, writes or repairs anything in the directory."},
        subcommands = {JournalInspectCommand.class, JournalVerifyCommand.class, JournalExportCommand.class})
final class JournalCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        spec.commandLine().usage(out);
        out.flush();
    }
}
