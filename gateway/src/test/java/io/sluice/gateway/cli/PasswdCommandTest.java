// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.access.Credential;
import io.sluice.gateway.access.UsersFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PasswdCommandTest {

    @TempDir
    Path dir;

    private Path file;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void name() {
        file = dir.resolve("users.passwd");
    }

    private int run(String input, String... arguments) {
        PasswdCommand command = new PasswdCommand(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void passwd_newFile_isMadeForItsOwnerOnly() throws IOException {
        assertThat(run("secret\n", file.toString(), "press-1")).isZero();
        assertThat(out).hasToString("user 'press-1' is added\n");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.readString(file))
                .startsWith("press-1:SCRAM-SHA-256$4096:")
                .doesNotContain("secret");
    }

    @Test
    void passwd_existingUser_getsAnotherPasswordAndLeavesTheOthers() throws IOException {
        run("one", file.toString(), "a");
        run("two", file.toString(), "b");
        Map<String, Credential> before = UsersFile.read(file);
        assertThat(run("three\r\n", file.toString(), "a", "--iterations", "5000"))
                .isZero();
        assertThat(out).asString().endsWith("user 'a' has a new password\n");
        Map<String, Credential> after = UsersFile.read(file);
        assertThat(after.get("b")).isEqualTo(before.get("b"));
        assertThat(after.get("a")).isNotEqualTo(before.get("a"));
        assertThat(after.get("a").iterations()).isEqualTo(5_000);
    }

    @Test
    void passwd_delete_removesTheUser() throws IOException {
        run("one", file.toString(), "a");
        assertThat(run("", file.toString(), "a", "--delete")).isZero();
        assertThat(UsersFile.read(file)).isEmpty();
        assertThat(run("", file.toString(), "a", "--delete")).isEqualTo(1);
        assertThat(err).hasToString("sluice: there is no user 'a' in " + file + "\n");
    }

    @Test
    void passwd_whatCannotBe_changesNothing() throws IOException {
        run("one", file.toString(), "a");
        String before = Files.readString(file);
        assertThat(run("", file.toString(), "a")).isEqualTo(1);
        assertThat(run("\n", file.toString(), "a")).isEqualTo(1);
        assertThat(run("x", file.toString(), "a/b")).isEqualTo(1);
        assertThat(run("x", file.toString(), "a", "--iterations", "1")).isEqualTo(1);
        assertThat(Files.readString(file)).isEqualTo(before);
        assertThat(err).hasToString("""
                        sluice: no password came on standard input
                        sluice: the password is empty
                        sluice: a user name has 1 to 256 characters, none of : / + # * and no spaces at its ends
                        sluice: expected 4096 to 1000000 iterations, found 1
                        """);
    }

    @Test
    void passwd_brokenFile_isLeftAlone() throws IOException {
        Files.writeString(file, "a:plain\n");
        assertThat(run("x", file.toString(), "b")).isEqualTo(1);
        assertThat(Files.readString(file)).isEqualTo("a:plain\n");
        assertThat(err).asString().startsWith("sluice: " + file + ":1: expected SCRAM-SHA-256$");
    }
}
