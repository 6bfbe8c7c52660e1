// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The words and exit statuses of {@code sluice journal}, on journals of which each byte is known. */
final class JournalCommandTest {

    private static final Path FIXTURES = Path.of("src/test/resources/io/sluice/gateway/journal");
    private static final String WRITTEN =
            FIXTURES.resolve("written-by-format-2").toString();

    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new JournalCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private Path copy() throws IOException {
        Path journal = Files.createDirectory(dir.resolve("journal"));
        for (int i = 1; i <= 4; i++) {
            String name = "000000000" + i + ".sluice";
            Files.copy(Path.of(WRITTEN, name), journal.resolve(name));
        }
        return journal;
    }

    @Test
    void inspect_journal_isATable() {
        assertThat(run("inspect", WRITTEN)).isZero();
        assertThat(out.toString().lines())
                .anySatisfy(line -> assertThat(line).matches("journal +[-0-9a-f]{36}"))
                .anySatisfy(
                        line -> assertThat(line)
                                .isEqualTo(
                                        "holds        sessions 1, subscriptions 1, shared 0, bridge outboxes 1, retained messages 2"))
                .anySatisfy(
                        line -> assertThat(line).matches("0000000001.sluice +2 +[0-9a-f]{8} +3,409 +[0-9,]+  sealed"))
                .anySatisfy(line -> assertThat(line).matches("0000000004.sluice +2 +[0-9a-f]{8} +637 +[0-9,]+  open"))
                .anySatisfy(line -> assertThat(line).matches(" +1  session +12 +1,284 +\\S.*  press-1"))
                .anySatisfy(line -> assertThat(line).matches(" +2  bridge +10 +1,065 +\\S.*  cloud: all"));
        assertThat(err).asString().isEmpty();
    }

    @Test
    void inspect_quick_leavesOutWhatIsNotRead() {
        assertThat(run("inspect", "--quick", WRITTEN)).isZero();
        assertThat(out.toString().lines())
                .anySatisfy(line -> assertThat(line).matches(" +1  session +12 +- +-  press-1"));
    }

    @Test
    void inspect_json_hasStableKeys() {
        assertThat(run("inspect", "--json", WRITTEN)).isZero();
        assertThat(out.toString())
                .startsWith("{\"journalId\":\"")
                .contains(
                        "\"counts\":{\"sessions\":1,\"subscriptions\":1,\"shares\":0,\"bridgeOutboxes\":1,\"retained\":2}")
                .contains(
                        "{\"file\":\"0000000004.sluice\",\"state\":\"open\",\"number\":4,\"formatVersion\":2,\"generation\":")
                .contains(
                        "{\"outbox\":1,\"kind\":\"session\",\"client\":\"press-1\",\"deliveries\":12,\"bytes\":1284,\"oldestAgeMillis\":")
                .contains(
                        "{\"outbox\":2,\"kind\":\"bridge\",\"bridge\":\"cloud\",\"rule\":\"all\",\"deliveries\":10,\"bytes\":1065,")
                .endsWith("}\n")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void verify_whole_saysSo(int version) {
        assertThat(run(
                        "verify",
                        FIXTURES.resolve("written-by-format-" + version).toString()))
                .isZero();
        assertThat(out.toString()).contains(" is whole: 4 segments, ").hasLineCount(1);
    }

    @Test
    void verify_damaged_tellsWhere() throws IOException {
        Path journal = copy();
        Path second = journal.resolve("0000000002.sluice");
        byte[] bytes = Files.readAllBytes(second);
        bytes[1_000] ^= 1;
        Files.write(second, bytes);
        assertThat(run("verify", dir.toString())).isEqualTo(1); // the directory above will do, too
        assertThat(out.toString().lines())
                .hasSize(2)
                .first()
                .asString()
                .matches(
                        "0000000002\\.sluice: damage at [0-9,]+: [0-9,]+ bytes are no whole frame: expected a frame of batch "
                                + "\\d+ with the checksum [0-9a-f]{8}, found [0-9a-f]{8}; batch \\d+ says that all up to \\d+ was forced");
        assertThat(out.toString()).contains(dir + " is damaged in 1 places: 4 segments, ");
    }

    @Test
    void export_session_isAllItIsOwed() {
        assertThat(run("export", "--owner", "press-1", WRITTEN)).isZero();
        assertThat(out.toString().lines()).hasSize(12).allMatch(line -> line.contains("\"client\":\"press-1\""));
        assertThat(out.toString().lines().toList().getLast())
                .startsWith(
                        "{\"outbox\":1,\"kind\":\"session\",\"client\":\"press-1\",\"sequence\":39,\"topic\":\"plant/7\",\"qos\":2,"
                                + "\"retain\":true,\"receivedAt\":\"2025-12-31T23:59:58.197Z\",\"ageMillis\":")
                .contains("\"messageExpiryInterval\":1039,\"expirySecondsLeft\":")
                .contains("\"payload\":\"bWVzc2FnZSAzOSAg")
                .contains("\"text\":\"message 39 ")
                .endsWith("\"subscriptionIdentifiers\":[1,200]}");
    }

    @Test
    void export_byNumberNameOrNothing_selects() {
        assertThat(run("export", "--outbox", "2", WRITTEN)).isZero();
        assertThat(run("export", "--owner", "cloud", WRITTEN)).isZero();
        assertThat(run("export", "--owner", "cloud: all", WRITTEN)).isZero();
        assertThat(out.toString().lines()).hasSize(30).allMatch(line -> line.contains("\"rule\":\"all\""));
        assertThat(run("export", WRITTEN)).isZero();
        assertThat(out.toString().lines()).hasSize(52);
    }

    @Test
    void export_retained_isEachTopicsLast() {
        assertThat(run("export", "--retained", WRITTEN)).isZero();
        assertThat(out.toString().lines())
                .hasSize(2)
                .anyMatch(line -> line.startsWith("{\"topic\":\"state/constant\",\"qos\":1,\"retain\":true,")
                        && line.endsWith("\"text\":\"stays\"}"));
    }

    @Test
    void export_toAFile_neverOverwrites() throws IOException {
        Path file = dir.resolve("messages.jsonl");
        assertThat(run("export", "-o", file.toString(), WRITTEN)).isZero();
        assertThat(Files.readAllLines(file)).hasSize(22);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(out).asString().isEmpty();
        assertThat(run("export", "-o", file.toString(), WRITTEN)).isEqualTo(2);
        assertThat(err.toString()).endsWith("sluice: " + file + " is there already; nothing is overwritten\n");
        assertThat(Files.readAllLines(file)).hasSize(22);
    }

    @Test
    void export_unknownOwner_isRefused() {
        assertThat(run("export", "--owner", "press-2", WRITTEN)).isEqualTo(2);
        assertThat(err).hasToString("sluice: there is no owner 'press-2' in " + WRITTEN + "; inspect shows them\n");
    }

    @Test
    void noJournal_isSaid() throws IOException {
        for (String command : new String[] {"inspect", "verify", "export"}) {
            assertThat(run(command, dir.resolve("absent").toString())).isEqualTo(2);
            assertThat(run(command, dir.toString())).isEqualTo(2);
        }
        assertThat(err.toString().lines().limit(2))
                .containsExactly(
                        "sluice: " + dir.resolve("absent") + ": no such directory",
                        "sluice: " + dir + ": no journal is there");
    }

    @Test
    void newerFormat_isRefusedByNameAndUntouched() throws IOException {
        Path journal = copy();
        byte[] newer = Files.readAllBytes(Path.of(WRITTEN, "0000000004.sluice"));
        newer[9] = 99;
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(newer, 0, 40);
        java.nio.ByteBuffer.wrap(newer).putInt(40, (int) crc.getValue());
        Files.write(journal.resolve("0000000004.sluice"), newer);
        for (String command : new String[] {"inspect", "verify", "export"}) {
            assertThat(run(command, journal.toString())).isEqualTo(2);
        }
        assertThat(err.toString().lines())
                .hasSize(3)
                .containsOnly("sluice: segment 0000000004.sluice has format version 99, this program reads up to 2");
        assertThat(Files.readAllBytes(journal.resolve("0000000004.sluice"))).isEqualTo(newer);
    }

    @Test
    void progress_line_showsShareAndTimeLeft() {
        assertThat(ProgressLine.line(1L << 30, 4L << 30, 5_000_000_000L))
                .isEqualTo("[#######.......................]  25 % of 4,096 MiB, 0:15 left");
    }

    @Test
    void progress_onATerminal_isTakenAway() {
        PrintWriter terminal = new PrintWriter(err);
        ProgressLine line = new ProgressLine(terminal, true);
        line.at(1, 10, 999_999_999);
        assertThat(err).asString().isEmpty();
        line.at(5 << 20, 10 << 20, 1_000_000_000);
        line.at(6 << 20, 10 << 20, 1_100_000_000);
        String shown = "[###############...............]  50 % of 10 MiB, 0:01 left";
        assertThat(err).hasToString("\r" + shown);
        line.close();
        assertThat(err).hasToString("\r" + shown + "\r" + " ".repeat(shown.length()) + "\r");
    }
}
