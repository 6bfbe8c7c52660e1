// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal always starts, with all that can be read, and says what could not. */
final class JournalStartTest {

    private static final int MESSAGES = 60;

    private final FaultDisk disk = new FaultDisk();

    @BeforeEach
    void write() throws IOException {
        write(disk);
        assertThat(disk.list()).hasSizeGreaterThan(3);
    }

    private static void write(Disk disk) throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            for (int i = 0; i < MESSAGES; i++) {
                test.append("message " + i + " ".repeat(150), 1);
                test.force();
            }
            test.retain("state", "value", 0);
            test.force();
        }
    }

    /** Appends, and finds that and all that was read before after a power cut. */
    private static void assertGoesOn(FaultDisk disk, TestJournal test, String what) throws IOException {
        SortedMap<Long, String> before = test.read(1);
        long next = test.log(1).next();
        test.append("after", 1);
        test.force();
        try (TestJournal after = new TestJournal(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)))) {
            assertThat(after.read(1)).as(what).containsAllEntriesOf(before).containsEntry(next, "after");
        }
    }

    @Test
    void nthRead_failsOnce_losesNothing() throws IOException {
        for (int nth = 1; nth <= 20; nth++) {
            FaultDisk failing = disk.copy();
            failing.failReads(nth, 1);
            try (TestJournal test = new TestJournal(failing)) {
                failing.heal();
                assertThat(test.journal.damage().isNone()).as("read %d", nth).isTrue();
                assertThat(test.read(1)).as("read %d", nth).hasSize(MESSAGES);
                assertGoesOn(failing, test, "read " + nth);
            }
        }
    }

    @Test
    void reads_failForAWhile_startsAndGoesOn() throws IOException {
        for (int nth = 1; nth <= 12; nth++) {
            for (int count : new int[] {4, 8, 20, Integer.MAX_VALUE}) {
                String what = count + " reads from " + nth;
                FaultDisk failing = disk.copy();
                failing.failReads(nth, count);
                try (TestJournal test = new TestJournal(failing)) {
                    failing.heal();
                    assertThat(test.bugs).as(what).isEmpty();
                    assertGoesOnWithAllThatCameBack(failing, test, what);
                }
                assertThat(disk.bytes()).as(what + ": nothing is deleted").isLessThanOrEqualTo(failing.bytes());
            }
        }
    }

    /** The disk is well again at the next start: nothing that was given out meanwhile may stand for something else then. */
    private static void assertGoesOnWithAllThatCameBack(FaultDisk disk, TestJournal test, String what)
            throws IOException {
        test.append("after", 1);
        test.force();
        try (TestJournal after = new TestJournal(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)))) {
            assertThat(after.bugs).as(what).isEmpty();
            SortedMap<Long, String> read = after.read(1);
            assertThat(read.lastEntry().getValue()).as(what).isEqualTo("after");
            read.headMap(read.lastKey())
                    .forEach((sequence, text) ->
                            assertThat(text.strip()).as(what).isEqualTo("message " + sequence));
        }
    }

    @Test
    void allReads_fail_everythingIsSetAsideAndReported() throws IOException {
        int files = disk.list().size();
        disk.failReads(1, Integer.MAX_VALUE);
        try (TestJournal test = new TestJournal(disk)) {
            assertThat(test.journal.damage().setAside()).hasSize(files).contains("0000000001.sluice.damaged");
            disk.heal();
            assertGoesOn(disk, test, "all reads");
        }
    }

    @Test
    void nthForce_fails_startsAndLosesNothing() throws IOException {
        for (int nth = 1; nth <= 3; nth++) {
            for (int count = 1; count <= 3; count++) {
                String what = count + " forces from " + nth;
                FaultDisk failing = disk.copy();
                failing.failForces(nth, count);
                try (TestJournal test = new TestJournal(failing)) {
                    assertThat(test.read(1)).as(what).hasSize(MESSAGES);
                    assertGoesOn(failing, test, what);
                }
            }
        }
    }

    /** What was read at the start may be in the page cache alone, when the force of it fails. */
    @Test
    void lastSegment_neverForcedAndForceFailsAtTheStart_isWrittenAnew() throws IOException {
        disk.failForces(1, Integer.MAX_VALUE);
        TestJournal dying = new TestJournal(disk);
        dying.append("written only", 1);
        dying.executor.runUntil(dying::isFailing);
        FaultDisk then = disk.crash(FaultDisk.Leaves.ALL, new SplittableRandom(1));
        dying.close();
        then.failForces(1, 1);
        try (TestJournal test = new TestJournal(then)) {
            assertGoesOn(then, test, "written only");
        }
    }

    @Test
    void writesAndRenames_fail_startsAndGoesOnLater() throws IOException {
        FaultDisk damaged = disk.copy();
        damaged.put("0000000002.sluice", new byte[3_000]);
        damaged.put("0000000003.sluice", withoutHeader("0000000003.sluice"));
        damaged.put("0000000004.sluice.new", new byte[10]);
        damaged.readOnly(true);
        try (TestJournal test = new TestJournal(damaged)) {
            int read = test.read(1).size();
            assertThat(read).isBetween(MESSAGES / 2, MESSAGES - 1);
            damaged.readOnly(false);
            assertGoesOn(damaged, test, "read-only");
        }
    }

    private byte[] withoutHeader(String name) throws IOException {
        byte[] bytes = disk.bytes(name);
        Arrays.fill(bytes, 0, JournalFormat.HEADER_BYTES, (byte) 0);
        return bytes;
    }

    @Test
    void tornHeader_ofAnySegment_costsNoWholeFrame() throws IOException {
        for (String name : disk.list()) {
            for (int cut : new int[] {0, 1, 20, 43}) {
                FaultDisk torn = disk.copy();
                byte[] bytes = disk.bytes(name);
                Arrays.fill(bytes, cut, JournalFormat.HEADER_BYTES, (byte) 0);
                torn.put(name, bytes);
                try (TestJournal test = new TestJournal(torn)) {
                    assertThat(test.read(1)).as("%s %d", name, cut).hasSize(MESSAGES);
                }
            }
        }
    }

    @Test
    void segment_deletedInTheMiddle_theOthersAreThere() throws IOException {
        for (String name : disk.list()) {
            FaultDisk less = disk.copy();
            less.delete(name);
            try (TestJournal test = new TestJournal(less)) {
                SortedMap<Long, String> read = test.read(1);
                assertThat(read.size()).as(name).isBetween(MESSAGES / 2, MESSAGES - 1);
                assertThat(test.log(1).depth()).as(name).isEqualTo(read.size());
                assertGoesOn(less, test, name);
            }
        }
    }

    @Test
    void damagedFrame_inASealedSegment_isCountedAndKeepsNothingWaiting() throws IOException {
        byte[] bytes = disk.bytes("0000000002.sluice");
        bytes[bytes.length / 2] ^= 1;
        disk.put("0000000002.sluice", bytes);
        try (TestJournal test = new TestJournal(disk)) {
            SortedMap<Long, String> read = test.read(1);
            assertThat(read).hasSize(MESSAGES - 1);
            assertThat(test.log(1).depth()).isEqualTo(MESSAGES - 1);
            assertThat(test.journal.status().dropped().get(DropReason.DAMAGE)).isEqualTo(1);
            test.settle(1, 0, test.log(1).next());
            test.force();
            test.reclaim();
            test.force();
        }
        assertThat(disk.list()).contains("0000000002.sluice.damaged").doesNotContain("0000000001.sluice");
    }

    @Test
    void setAside_again_replacesNoneThatWasBefore() throws IOException {
        disk.put("0000000001.sluice", new byte[500]);
        disk.put("0000000001.sluice.damaged", new byte[] {1});
        try (TestJournal test = new TestJournal(disk)) {
            assertThat(test.journal.damage().setAside()).containsExactly("0000000001.sluice.damaged-2");
            assertThat(disk.bytes("0000000001.sluice.damaged")).containsExactly(1);
        }
    }

    @Test
    void directoryNamedAsASegment_isSetAside(@TempDir Path directory) throws IOException {
        write(FileDisk.open(directory));
        Files.createDirectory(directory.resolve("0000000099.sluice"));
        Files.createDirectory(directory.resolve("0000000098.sluice.new"));
        Files.createFile(directory.resolve("0000000098.sluice.new").resolve("something"));
        try (TestJournal test = new TestJournal(FileDisk.open(directory))) {
            assertThat(test.read(1)).hasSize(MESSAGES);
            assertThat(test.journal.damage().setAside()).containsExactly("0000000099.sluice.damaged");
            assertThat(directory.resolve("0000000099.sluice.damaged")).isDirectory();
        }
    }

    @Test
    void newerFormatVersion_isRefusedAndNothingIsTouched() throws IOException {
        String last = new TreeMap<>(files(disk)).lastKey();
        ByteBuffer bytes = ByteBuffer.wrap(disk.bytes(last));
        JournalFormat.SegmentHeader header = JournalFormat.SegmentHeader.read(bytes);
        int newer = JournalFormat.VERSION + 1;
        new JournalFormat.SegmentHeader(newer, header.segment(), 1, 2, header.generation()).write(bytes);
        disk.put(last, bytes.array());
        disk.put("0000000001.sluice", withoutHeader("0000000001.sluice"));
        disk.put("0000000002.sluice", new byte[700]);
        disk.put("0000000003.sluice", new byte[0]);
        disk.put("0000000004.sluice.new", new byte[5]);
        Map<String, String> before = files(disk);
        assertThatThrownBy(() -> new TestJournal(disk))
                .isInstanceOf(IOException.class)
                .hasMessage("segment %s has format version %d, this program reads up to %d"
                        .formatted(last, newer, JournalFormat.VERSION));
        assertThat(files(disk)).isEqualTo(before);
    }

    private static Map<String, String> files(FaultDisk disk) throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (String name : disk.list()) {
            files.put(name, Arrays.toString(disk.bytes(name)));
        }
        return files;
    }

    @Test
    void lockHeldByAnother_isRefused(@TempDir Path directory) throws IOException {
        try (Disk held = FileDisk.open(directory)) {
            assertThat(held.list()).isNotEmpty();
            assertThatThrownBy(() -> FileDisk.open(directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is held by another running gateway");
        }
    }
}
