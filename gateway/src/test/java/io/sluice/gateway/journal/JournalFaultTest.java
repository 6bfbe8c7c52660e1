// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fail, are full, or lie. */
final class JournalFaultTest {

    private final FaultDisk disk = new FaultDisk();
    private final SplittableRandom random = new SplittableRandom(1);

    /** Appends in several batches over more than a segment; what the journal then says is safe must outlive a power cut. */
    private void appendAndCut(TestJournal test, String what) throws IOException {
        TreeSet<Long> safe = new TreeSet<>();
        for (int i = 0; i < 12; i++) {
            long batch = 0;
            for (int j = 0; j < 5; j++) {
                batch = test.append("message " + i + "/" + j + " ".repeat(100), 1);
            }
            long below = test.log(1).next();
            test.runUntilForced(batch);
            safe.add(below);
        }
        assertThat(test.isFailing()).as(what).isFalse();
        FaultDisk after = disk.crash(FaultDisk.Leaves.NOTHING, random);
        try (TestJournal reopened = test.reopen(after)) {
            assertThat(reopened.read(1)).as(what).hasSize(60);
            assertThat(reopened.read(1).lastKey() + 1).as(what).isEqualTo(safe.last());
        }
    }

    @Test
    void nthWrite_failsOnce_isWrittenAgain() throws IOException {
        for (int nth = 1; nth <= 16; nth++) {
            JournalFaultTest fresh = new JournalFaultTest();
            TestJournal test = new TestJournal(fresh.disk);
            fresh.disk.failWrites(nth, 1);
            fresh.appendAndCut(test, "write " + nth);
        }
    }

    @Test
    void nthForce_failsOnce_batchIsWrittenToANewFile() throws IOException {
        for (int nth = 1; nth <= 16; nth++) {
            JournalFaultTest fresh = new JournalFaultTest();
            TestJournal test = new TestJournal(fresh.disk);
            fresh.disk.failForces(nth, 1);
            fresh.appendAndCut(test, "force " + nth);
        }
    }

    @Test
    void forces_failTwiceRunning_batchIsSafeAtLast() throws IOException {
        for (int nth = 1; nth <= 6; nth++) {
            JournalFaultTest fresh = new JournalFaultTest();
            TestJournal test = new TestJournal(fresh.disk);
            fresh.disk.failForces(nth, 3);
            fresh.appendAndCut(test, "forces from " + nth);
        }
    }

    @Test
    void force_failsForGoodThenHealed_acknowledgesNothingBefore() throws IOException {
        TestJournal test = new TestJournal(disk);
        test.append("safe", 1);
        test.force();
        disk.failForces(1, Integer.MAX_VALUE);
        long batch = test.append("waits", 1);
        test.executor.runUntil(test::isFailing);
        assertThat(test.journal.isForced(batch)).isFalse();
        long later = test.append("waits, too", 1);
        test.executor.run();
        assertThat(test.journal.isForced(later)).isFalse();
        assertThat(test.journal.bytesNotForced()).isPositive();

        disk.heal();
        test.runUntilForced(later);
        assertThat(test.isFailing()).isFalse();
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, random))) {
            assertThat(after.read(1).values()).containsExactly("safe", "waits", "waits, too");
        }
    }

    @Test
    void tail_segmentWrittenAnewAfterAFailedForce_isReadToItsEnd() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            test.append("before", 1);
            test.force();
            assertThat(test.read(1)).hasSize(1); // the reader has the file open now
            disk.failForces(1, 1);
            test.append("in the new file", 1);
            test.force();
            test.append("behind it", 1);
            test.force();
            assertThat(test.read(1).values()).containsExactly("before", "in the new file", "behind it");
        }
    }

    @Test
    void disk_fullThenFreed_goesOn() throws IOException {
        TestJournal test = new TestJournal(disk);
        test.append("safe", 1);
        test.force();
        disk.limit(disk.bytes() + 200);
        long batch = test.append("too much for now" + " ".repeat(500), 1);
        test.executor.runUntil(test::isFailing);
        assertThat(test.journal.isForced(batch)).isFalse();
        disk.heal();
        test.runUntilForced(batch);
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, random))) {
            assertThat(after.read(1)).hasSize(2);
        }
    }

    @Test
    void disk_full_blocksAtOnceAndUnblocksWhenThereIsRoom() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            disk.limit(100);
            long batch = test.append("no room", 1);
            test.executor.runUntil(test.journal::isBlocked);
            assertThat(test.journal.status().trouble().diskFull()).isTrue();
            assertThat(test.journal.refusal(test.log(1))).isEqualTo(DropReason.DISK);
            disk.heal();
            test.runUntilForced(batch);
            assertThat(test.journal.isBlocked()).isFalse();
            assertThat(test.journal.refusal(test.log(1))).isNull();
        }
    }

    @Test
    void force_failsForGood_blocksAfterThreeFailures() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            disk.failForces(1, Integer.MAX_VALUE);
            test.append("waits", 1);
            test.executor.runUntil(test::isFailing);
            assertThat(test.journal.isBlocked()).isFalse();
            test.executor.runUntil(test.journal::isBlocked);
            assertThat(test.journal.status().trouble().failures()).isEqualTo(3);
            disk.heal();
        }
    }

    @Test
    void disk_becomesReadOnly_whatIsThereIsReadAndNothingIsAcknowledged() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            test.append("safe", 1);
            test.force();
            disk.readOnly(true);
            long batch = test.append("waits", 1);
            test.executor.runUntil(test.journal::isBlocked);
            assertThat(test.journal.isForced(batch)).isFalse();
            assertThat(test.journal.status().trouble().text()).contains("Read-only file system");
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            reader.request(1, 1);
            test.executor.runUntil(() -> !reader.tail.isBusy());
            assertThat(reader.found.values()).containsExactly("safe");
            disk.readOnly(false);
            test.runUntilForced(batch);
            assertThat(test.read(1)).hasSize(2);
        }
    }

    /** A force of a file without a name goes well; what was acknowledged by it would be gone with the process. */
    @Test
    void segment_vanishes_isWrittenAnewFromWhatIsOpenBeforeAnythingIsAcknowledged(@TempDir Path directory)
            throws IOException {
        TestJournal test = new TestJournal(FileDisk.open(directory));
        test.append("safe", 1);
        test.force();
        Files.delete(directory.resolve("0000000001.sluice"));
        test.append("after", 1);
        test.force();
        test.close();
        try (TestJournal after = new TestJournal(FileDisk.open(directory))) {
            assertThat(after.read(1).values()).containsExactly("safe", "after");
        }
    }

    @Test
    void directory_vanishesAndComesBack_acknowledgesNothingMeanwhile(@TempDir Path parent) throws IOException {
        Path directory = parent.resolve("journal");
        TestJournal test = new TestJournal(FileDisk.open(directory));
        test.append("safe", 1);
        test.force();
        Files.move(directory, parent.resolve("elsewhere"));
        long batch = test.append("after", 1);
        test.executor.runUntil(test.journal::isBlocked);
        assertThat(test.journal.isForced(batch)).isFalse();
        Files.move(parent.resolve("elsewhere"), directory);
        test.runUntilForced(batch);
        test.close();
        try (TestJournal after = new TestJournal(FileDisk.open(directory))) {
            assertThat(after.read(1).values()).containsExactly("safe", "after");
        }
    }

    /** A file system of one MiB, full by somebody else; where none may be mounted, a disk in memory. */
    @Test
    void realDisk_fullByOthersThenFreed_goesOn(@TempDir Path parent) throws Exception {
        Path mounted = Files.createDirectory(parent.resolve("small"));
        boolean real = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted.toString()) == 0;
        Path others = mounted.resolve("others");
        try (TestJournal test = new TestJournal(real ? FileDisk.open(mounted.resolve("journal")) : disk)) {
            test.append("safe", 1);
            test.force();
            if (real) {
                Files.write(others, new byte[(1 << 20) - (16 << 10)]);
            } else {
                disk.limit(16 << 10);
            }
            long batch = 0;
            while (!test.journal.isBlocked()) {
                long one = test.append("x".repeat(5_000), 1);
                batch = one;
                test.executor.runUntil(() -> test.journal.isForced(one) || test.journal.isBlocked());
            }
            assertThat(test.journal.status().trouble().diskFull()).isTrue();
            assertThat(test.journal.isForced(batch)).isFalse();
            Files.deleteIfExists(others);
            disk.heal();
            test.runUntilForced(batch);
            assertThat(test.journal.isBlocked()).isFalse();
            assertThat(test.read(1).lastKey() + 1).isEqualTo(test.log(1).next());
        } finally {
            if (real) {
                run("umount", mounted.toString());
            }
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    @Test
    void disk_fullOfSettledMessages_isFreedBySettlingAlone() throws IOException {
        TestJournal test = new TestJournal(disk);
        for (int i = 0; i < 200; i++) {
            test.append("message " + i + " ".repeat(100), 1);
            test.executor.run();
        }
        test.force();
        disk.limit(disk.bytes());
        long batch = test.append("no room" + " ".repeat(500), 1);
        test.executor.runUntil(test::isFailing);
        test.settle(1, 0, 190);
        test.reclaim();
        test.runUntilForced(batch);
        assertThat(test.isFailing()).isFalse();
        test.close();
    }

    @Test
    void close_whileWritingFails_endsAndAcknowledgesNothing() throws IOException {
        TestJournal test = new TestJournal(disk);
        disk.failWrites(1, Integer.MAX_VALUE);
        long batch = test.append("never", 1);
        test.executor.runUntil(test::isFailing);
        test.close();
        test.executor.run();
        assertThat(test.journal.isForced(batch)).isFalse();
        assertThat(test.bugs).isEmpty();
    }

    @Test
    void force_thatLies_losesWhatWasAcknowledged() throws IOException {
        TestJournal test = new TestJournal(disk);
        test.append("safe", 1);
        test.force();
        disk.lie();
        test.append("believed to be safe", 1);
        test.force();
        // The tests here can see a loss: this disk makes one.
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, random))) {
            assertThat(after.read(1).values()).containsExactly("safe");
        }
    }

    @Test
    void read_failsForAWhile_isTriedAgain() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            test.append("message", 1);
            test.force();
            disk.failReads(1, 1);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            int timers = test.executor.timers();
            reader.request(10, 1_000);
            test.executor.runUntil(() -> test.executor.timers() > timers);
            assertThat(reader.found).isEmpty();
            assertThat(reader.tail.isBusy()).isTrue();
            test.executor.advance(Duration.ofSeconds(1));
            test.executor.runUntil(() -> !reader.tail.isBusy());
            assertThat(reader.found.values()).containsExactly("message");
        }
    }

    @Test
    void read_failsForGood_passesOverTheSegmentOnly() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            List<Long> batches = new ArrayList<>();
            while (test.journal.upkeep().segments() < 2) {
                batches.add(test.append("x".repeat(200), 1));
                test.force();
            }
            long last = test.log(1).next();
            test.append("in the next segment", 1);
            test.force();
            disk.failReads(1, 5);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            reader.request(10, 1_000);
            while (reader.tail.isBusy()) { // one timer is the journal's own, the other one the next attempt's
                test.executor.runUntil(() -> test.executor.timers() > 1 || !reader.tail.isBusy());
                test.executor.advance(Duration.ofSeconds(1));
            }
            assertThat(reader.found).isEmpty();
            while (reader.upTo < test.log(1).next()) {
                reader.request(10, 1_000);
                test.executor.runUntil(() -> !reader.tail.isBusy());
            }
            assertThat(reader.found).containsEntry(last, "in the next segment");
        }
    }
}
