// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalFinding;
import io.sluice.gateway.journal.JournalImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice journal verify}: whether all that is on disk is whole. */
@Command(
        name = "verify",
        description = "Read every record of a journal and tell what is damaged.",
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = JournalDirectory.BUG,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:Everything is whole", "1:Something is damaged; it is printed", "2:It cannot be read"})
final class JournalVerifyCommand implements Callable<Integer> {

    /** More lines than this tell nobody anything. */
    private static final int SHOWN_MAX = 1_000;

    @Mixin
    private JournalDirectory directory = new JournalDirectory();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private long damages;
    private long notes;

    @Override
    public Integer call() {
        return directory.read(spec.commandLine().getErr(), this::verify);
    }

    private int verify(JournalImage journal, ProgressLine progress) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        journal.verify(finding -> tell(finding, out, progress), progress);
        progress.clear();
        if (damages + notes > SHOWN_MAX) {
            out.printf("and %,d more%n", damages + notes - SHOWN_MAX);
        }
        out.println(
                damages == 0
                        ? "%s is whole: %,d segments, %,d bytes"
                                .formatted(directory.path(), journal.segments(), journal.bytes())
                        : "%s is damaged in %,d places: %,d segments, %,d bytes"
                                .formatted(directory.path(), damages, journal.segments(), journal.bytes()));
        out.flush();
        return damages == 0 ? JournalDirectory.WHOLE : JournalDirectory.DAMAGE;
    }

    private void tell(JournalFinding finding, PrintWriter out, ProgressLine progress) {
        if (finding.isDamage()) {
            damages++;
        } else {
            notes++;
        }
        if (damages + notes <= SHOWN_MAX) {
            progress.clear();
            out.println(finding);
            out.flush();
        }
    }
}
