// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersFileTest {

    private static final Credential CREDENTIAL = Credential.of("secret", 4_096, new SecureRandom());

    @TempDir
    Path dir;

    @Test
    void write_thenRead_givesTheSame() throws IOException {
        Map<String, Credential> users = new LinkedHashMap<>();
        users.put("press-1", CREDENTIAL);
        users.put("Müller & Söhne", CREDENTIAL);
        Path file = dir.resolve("users");
        UsersFile.write(file, users);
        assertThat(UsersFile.read(file)).isEqualTo(users);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(UsersFile.isOpenToOthers(file)).isFalse();
    }

    @Test
    void write_overAnother_leavesNothingBeside() throws IOException {
        Path file = dir.resolve("users");
        UsersFile.write(file, Map.of("a", CREDENTIAL));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(UsersFile.isOpenToOthers(file)).isTrue();
        UsersFile.write(file, Map.of("b", CREDENTIAL));
        assertThat(UsersFile.read(file)).containsOnlyKeys("b");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        try (var files = Files.list(dir)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void write_throughALink_keepsTheLink() throws IOException {
        Path file = dir.resolve("users");
        UsersFile.write(file, Map.of("a", CREDENTIAL));
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        UsersFile.write(link, Map.of("b", CREDENTIAL));
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(UsersFile.read(file)).containsOnlyKeys("b");
    }

    @Test
    void read_commentsAndEmptyLines_areNoUsers() throws IOException {
        Path file = Files.writeString(dir.resolve("users"), "# plant 7\n\na:" + CREDENTIAL.text() + "\r\n");
        assertThat(UsersFile.read(file)).containsOnlyKeys("a");
    }

    @Test
    void read_wrongLine_saysWhereAndHidesIt() throws IOException {
        Path file = Files.writeString(dir.resolve("users"), "a:" + CREDENTIAL.text() + "\nb:plain\n");
        assertThatThrownBy(() -> UsersFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ":2: expected SCRAM-SHA-256$ITERATIONS:SALT$STORED-KEY:SERVER-KEY");
    }

    @Test
    void read_userTwice_isRefused() throws IOException {
        String line = "a:" + CREDENTIAL.text() + "\n";
        Path file = Files.writeString(dir.resolve("users"), line + line);
        assertThatThrownBy(() -> UsersFile.read(file)).hasMessageEndingWith(":2: the user 'a' is there twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "a/b", "+", "#", "*", " a", "a\u0000"})
    void checkName_notALevel_isRefused(String name) {
        assertThatThrownBy(() -> UsersFile.checkName(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refresh_changedFile_tellsWhoIsAnother() throws IOException {
        Path file = dir.resolve("users");
        UsersFile.write(file, Map.of("a", CREDENTIAL, "b", CREDENTIAL, "c", CREDENTIAL));
        Users users = new Users(file);
        assertThat(users.refresh()).isEmpty();
        UsersFile.write(
                file, Map.of("a", CREDENTIAL, "b", Credential.of("other", 4_096, new SecureRandom()), "d", CREDENTIAL));
        assertThat(users.refresh()).containsExactlyInAnyOrder("b", "c");
        assertThat(users.of("d")).isEqualTo(CREDENTIAL);
        assertThat(users.of("c")).isNull();
    }

    @Test
    void refresh_brokenFile_keepsTheUsers() throws IOException {
        Path file = dir.resolve("users");
        UsersFile.write(file, Map.of("a", CREDENTIAL));
        Users users = new Users(file);
        Files.writeString(file, "nonsense");
        assertThat(users.refresh()).isEmpty();
        Files.delete(file);
        assertThat(users.refresh()).isEmpty();
        assertThat(users.of("a")).isEqualTo(CREDENTIAL);
        UsersFile.write(file, Map.of());
        assertThat(users.refresh()).containsExactly("a");
    }
}
