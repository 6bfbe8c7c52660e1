// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.access.Credential;
import io.sluice.gateway.access.UsersFile;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice passwd}: the users of a listener's access rules. */
@Command(
        name = "passwd",
        description = {
            "Add a user to a users file, or give one another password.",
            "The password is asked for on a terminal, and otherwise is the first line of standard input."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:The file is as it was asked for", "1:It is as it was; the reason is printed"})
final class PasswdCommand implements Callable<Integer> {

    private static final int FAILED = 1;

    /** What RFC 7677 asks for at least: a burden for who guesses, and little for the small machines that Sluice runs on. */
    private static final String ITERATIONS = "4096";

    @Parameters(index = "0", paramLabel = "FILE", description = "The users file; it is made if it is not there.")
    private Path file = Path.of("users.passwd");

    @Parameters(index = "1", paramLabel = "USER", description = "The user's name.")
    private String user = "";

    @Option(names = "--delete", description = "Remove the user.")
    private boolean delete;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            defaultValue = ITERATIONS,
            description = "What each guess at the password costs, 4096 to 1000000. Default: ${DEFAULT-VALUE}")
    private int iterations = Integer.parseInt(ITERATIONS);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InputStream in;

    PasswdCommand() {
        this(System.in);
    }

    PasswdCommand(InputStream in) {
        this.in = in;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            UsersFile.checkName(user);
            boolean open = Files.exists(file) && UsersFile.isOpenToOthers(file);
            Map<String, Credential> users =
                    Files.exists(file) ? new LinkedHashMap<>(UsersFile.read(file)) : new LinkedHashMap<>();
            String done = change(users);
            UsersFile.write(file, users);
            if (open) {
                err.printf("sluice: %s could be read by everybody on this machine; now it cannot%n", file);
                err.flush();
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(done);
            out.flush();
            return 0;
        } catch (IOException | IllegalArgumentException wrong) {
            err.println("sluice: " + reason(wrong));
            err.flush();
            return FAILED;
        }
    }

    private String reason(Exception wrong) {
        String message = String.valueOf(wrong.getMessage());
        return wrong instanceof java.nio.file.FileSystemException
                ? "cannot write %s: %s".formatted(file, wrong)
                : message;
    }

    /** What was done to the users, for the operator. */
    private String change(Map<String, Credential> users) throws IOException {
        if (delete) {
            if (users.remove(user) == null) {
                throw new IllegalArgumentException("there is no user '%s' in %s".formatted(user, file));
            }
            return "user '%s' is removed; %d left".formatted(user, users.size());
        }
        Credential before = users.put(user, Credential.of(password(), iterations, new SecureRandom()));
        return before == null ? "user '%s' is added".formatted(user) : "user '%s' has a new password".formatted(user);
    }

    private String password() throws IOException {
        Optional<Console> terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (terminal.isEmpty()) {
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                throw new IllegalArgumentException("no password came on standard input");
            }
            return line;
        }
        char[] first = terminal.get().readPassword("Password for %s: ", user);
        char[] second = terminal.get().readPassword("Again: ");
        if (first == null || second == null) {
            throw new IllegalArgumentException("no password was given");
        }
        if (!String.valueOf(first).equals(String.valueOf(second))) {
            throw new IllegalArgumentException("the two are not the same");
        }
        return String.valueOf(first);
    }
}
