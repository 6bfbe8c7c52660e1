// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalImage;
import io.sluice.gateway.journal.JournalSurvey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice journal inspect}: what is on disk, and to whom it is owed. */
@Command(
        name = "inspect",
        description = "Show a journal's segments and outboxes.",
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = JournalDirectory.BUG,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:It is shown", "2:It cannot be read"})
final class JournalInspectCommand implements Callable<Integer> {

    @Mixin
    private JournalDirectory directory = new JournalDirectory();

    @Option(names = "--json", description = "Print a JSON object, on one line.")
    private boolean json;

    @Option(
            names = "--quick",
            description = "Leave out what takes reading the messages: live bytes, the outboxes' bytes and ages.")
    private boolean quick;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return directory.read(spec.commandLine().getErr(), this::inspect);
    }

    private int inspect(JournalImage journal, ProgressLine progress) throws IOException {
        JournalSurvey survey = journal.survey(quick, progress);
        progress.clear();
        PrintWriter out = spec.commandLine().getOut();
        SurveyText text = new SurveyText(survey, journal::wallMillis);
        out.print(json ? text.json() + "\n" : text.table());
        out.flush();
        return JournalDirectory.WHOLE;
    }
}
