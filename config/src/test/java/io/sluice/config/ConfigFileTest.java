// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that hold no configuration, and what expressions find outside of it. */
class ConfigFileTest {

    @TempDir
    Path dir;

    @Test
    void file_missing_saysSo() {
        assertThat(problems(dir.resolve("none.yaml")))
                .containsExactly(
                        "none.yaml:1:1: there is no such file; create it; 'sluice config' prints one to begin with");
    }

    @Test
    void file_directory_saysSo() throws IOException {
        Path directory = Files.createDirectory(dir.resolve("conf"));
        assertThat(problems(directory)).containsExactly("conf:1:1: this is a directory; name the file in it");
    }

    @Test
    void file_thatFailsToBeRead_saysSo() {
        assertThat(problems(Path.of("/proc/self/mem")))
                .singleElement()
                .asString()
                .startsWith("/proc/self/mem:1:1: the file cannot be read: ")
                .endsWith("; check the disk it is on");
    }

    @Test
    void file_upToOneMebibyte_isRead() throws IOException {
        Path file = Files.writeString(dir.resolve("big.yaml"), "#".repeat(1024 * 1024));
        Readings readings = new Readings(dir);
        readings.read("");
        assertThat(readings.read(file)).isInstanceOf(SettingsReader.Valid.class);
        Files.writeString(file, "#".repeat(1024 * 1024 + 1));
        assertThat(problems(file))
                .containsExactly("big.yaml:1:1: the file is larger than 1 MiB; name a configuration file");
    }

    @Test
    void file_notUtf8_namesTheByte() throws IOException {
        Path file = Files.write(
                dir.resolve("latin.yaml"),
                "gateway:\n  # \u00fc\n  id: k\u00fc\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(problems(file))
                .containsExactly("latin.yaml:2:5: the byte 0xFC does not belong to UTF-8 text; save the file as UTF-8");
    }

    @Test
    void file_controlCharacter_namesIt() {
        assertThat(new Readings(dir).problems("gateway:\n  id: a\u0007b"))
                .containsExactly(
                        "sluice.yaml:2:8: the character U+0007 is not allowed in YAML; remove it, or write it as an escape in"
                                + " double quotes");
    }

    @Test
    void aliases_moreThanAThousand_areRefused() {
        String aliases = String.join(",", Collections.nCopies(1_001, "*a"));
        assertThat(new Readings(dir).problems("a: &a [x]\nb: [" + aliases + "]"))
                .containsExactly(
                        "sluice.yaml:1:1: the file nests deeper than 50 levels or uses more than 1000 aliases; write it plainer");
    }

    @Test
    void credential_badNameOrMissing_isAProblem() {
        Readings readings = new Readings(dir, Map.of("CREDENTIALS_DIRECTORY", dir.toString()));
        assertThat(readings.problems("gateway: {id: \"${cred:../x}\"}"))
                .containsExactly("sluice.yaml:1:15: 'id' names no credential; write ${cred:NAME}, where NAME has no /");
        assertThat(readings.problems("gateway: {id: \"${cred:none}\"}"))
                .containsExactly(
                        "sluice.yaml:1:15: 'id' needs ${cred:none}, but none cannot be read; put the file there and let the"
                                + " gateway's user read it");
    }

    @Test
    void fileExpression_tooLarge_isAProblem() throws IOException {
        Files.writeString(dir.resolve("big"), "x".repeat(64 * 1024 + 1));
        assertThat(new Readings(dir).problems("gateway: {id: \"${file:big}\"}"))
                .containsExactly(
                        "sluice.yaml:1:15: 'id' needs ${file:big}, but big is larger than 64 KiB; a value is short; name the right"
                                + " file");
    }

    @Test
    void hostName_notALevel_isAProblemOfTheFile() throws IOException {
        Readings readings = new Readings(dir);
        readings.read("");
        Files.writeString(dir.resolve("hostname"), "a/b");
        assertThat(problems(Files.writeString(dir.resolve("empty.yaml"), "")))
                .containsExactly(
                        "empty.yaml:1:1: 'id' is '${host}', which cannot be one level of a topic; leave out / + # { } and control"
                                + " characters, and do not begin with $");
    }

    private List<String> problems(Path file) {
        Readings readings = new Readings(dir);
        return readings.read(file) instanceof SettingsReader.Invalid invalid ? readings.lines(invalid) : List.of();
    }
}
