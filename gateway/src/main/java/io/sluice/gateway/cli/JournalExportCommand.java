// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalFinding;
import io.sluice.gateway.journal.JournalImage;
import io.sluice.gateway.journal.JournalOwner;
import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice journal export}: the messages themselves. */
@Command(
        name = "export",
        description = {
            "Print the messages that are still owed to somebody, one JSON object a line.",
            "A message that is owed to several outboxes stands there once for each."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = JournalDirectory.BUG,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:All of them are printed",
            "1:Something is damaged, which is printed to standard error; all else is there",
            "2:They cannot be read, or not be written"
        })
final class JournalExportCommand implements Callable<Integer> {

    private static final int LINES_AT_ONCE = 256;

    @Mixin
    private JournalDirectory directory = new JournalDirectory();

    @Option(names = "--outbox", paramLabel = "N", description = "Only of the outbox with this number. May be repeated.")
    private List<Long> outboxes = new ArrayList<>();

    @Option(
            names = "--owner",
            paramLabel = "NAME",
            description =
                    "Only of this owner: a client identifier, a bridge, a bridge and its rule as 'bridge: rule', or a"
                            + " shared subscription's filter. May be repeated.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--retained", description = "Print the retained messages instead.")
    private boolean retained;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write to this file, which must not be there yet, readable for its owner only.")
    private @Nullable Path output;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private long lines;
    private long damages;

    @Override
    public Integer call() {
        return directory.read(spec.commandLine().getErr(), this::export);
    }

    private int export(JournalImage journal, ProgressLine progress) throws IOException {
        checkOwners(journal);
        Path file = output;
        if (file == null) {
            PrintWriter out = spec.commandLine().getOut();
            print(journal, out, ProgressLine.isTerminal(1) ? (bytes, all) -> {} : progress, progress);
            return status();
        }
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(create(file), StandardOpenOption.WRITE))) {
            print(journal, out, progress, progress);
        }
        spec.commandLine().getErr().printf("%,d lines are in %s%n", lines, file);
        spec.commandLine().getErr().flush();
        return status();
    }

    private static Path create(Path file) throws IOException {
        try {
            return Files.createFile(
                    file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + " is there already; nothing is overwritten", e);
        }
    }

    private int status() {
        return damages == 0 ? JournalDirectory.WHOLE : JournalDirectory.DAMAGE;
    }

    /** A name with a typing error must not look like an empty outbox. */
    private void checkOwners(JournalImage journal) throws IOException {
        for (String name : names) {
            if (journal.owners().values().stream().noneMatch(owner -> isNamed(owner, name))) {
                throw new IOException(
                        "there is no owner '%s' in %s; inspect shows them".formatted(name, directory.path()));
            }
        }
        for (long number : outboxes) {
            if (!journal.owners().containsKey(number)) {
                throw new IOException(
                        "there is no outbox %d in %s; inspect shows them".formatted(number, directory.path()));
            }
        }
    }

    private static boolean isNamed(JournalOwner owner, String name) {
        return owner.kind() != JournalOwner.Kind.NOBODY
                && (owner.name().equals(name) || owner.label().equals(name));
    }

    private boolean isWanted(JournalOwner owner) {
        return (names.isEmpty() && outboxes.isEmpty())
                || outboxes.contains(owner.number())
                || names.stream().anyMatch(name -> isNamed(owner, name));
    }

    private void print(JournalImage journal, PrintWriter out, JournalImage.Progress shown, ProgressLine line)
            throws IOException {
        MessageLine text = new MessageLine(journal.now(), journal::wallMillis);
        if (retained) {
            for (Message message : journal.retained(each -> tell(each, line))) {
                print(text.retained(message), out);
            }
        } else {
            journal.deliveries(
                    this::isWanted, delivery -> print(text.delivery(delivery), out), each -> tell(each, line), shown);
        }
        line.clear();
        check(out);
    }

    private void print(String line, PrintWriter out) throws IOException {
        out.print(line);
        out.print('\n');
        if (++lines % LINES_AT_ONCE == 0) {
            check(out);
        }
    }

    /**
     * A writer keeps errors for itself until it is asked: a full disk, or a reader that has had enough. One over standard output does not
     * even know of them.
     */
    private static void check(PrintWriter out) throws IOException {
        if (out.checkError() || System.out.checkError()) {
            throw new IOException("the output cannot be written");
        }
    }

    private void tell(JournalFinding finding, ProgressLine progress) {
        progress.clear();
        damages++;
        spec.commandLine().getErr().println(finding);
        spec.commandLine().getErr().flush();
    }
}
