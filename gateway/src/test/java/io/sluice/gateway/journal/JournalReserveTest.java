// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A full disk, and the room that the journal has kept for it. */
final class JournalReserveTest {

    private static final int RESERVE = 8 << 10;
    private static final JournalFormat.Sizes SIZES = new JournalFormat.Sizes(4 << 10, 1 << 10, RESERVE);

    private final FaultDisk disk = new FaultDisk();

    private static TestJournal open(FaultDisk disk) throws IOException {
        return new TestJournal(disk, TestJournal.UNLIMITED, SIZES);
    }

    private TestJournal withMessages(int count) throws IOException {
        TestJournal test = open(disk);
        for (int i = 0; i < count; i++) {
            test.append("message " + i + " ".repeat(500), 1);
            test.force();
        }
        return test;
    }

    /** Appends until the disk is known to be full; all of it is safe. */
    private void fill(TestJournal test) {
        disk.limit(disk.bytes());
        while (!test.journal.isBlocked()) {
            test.runUntilForced(test.append("one more", 2));
        }
        assertThat(test.journal.isStuck()).isFalse();
        assertThat(disk.exists(Reserve.FILE)).isFalse();
    }

    @Test
    void reserve_isThereBesideTheSegments() throws IOException {
        try (TestJournal test = withMessages(1)) {
            assertThat(disk.bytes(Reserve.FILE)).hasSize(RESERVE);
            assertThat(test.journal.isBlocked()).isFalse();
        }
        try (TestJournal again = open(disk)) {
            assertThat(again.read(1)).hasSize(1);
        }
    }

    @Test
    void diskFull_whatMakesRoomIsWrittenAndNothingElseIsTakenIn() throws IOException {
        try (TestJournal test = withMessages(3)) {
            fill(test);
            assertThat(test.journal.refusal(test.log(1))).isEqualTo(DropReason.DISK);
            assertThat(test.journal.status().trouble().diskFull()).isTrue();
            test.runUntilForced(test.journal.released(test.log(1), 0));
            test.settle(1, 1, 3);
            test.force();
            FaultDisk after = disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1));
            try (TestJournal reopened = test.reopen(after)) {
                assertThat(reopened.log(1).released()).containsExactly(0L);
                assertThat(reopened.log(1).depth()).isEqualTo(1);
            }
        }
    }

    @Test
    void reserveSpent_isStuckUntilThereIsRoomAndThenThereIsAReserveAgain() throws IOException {
        try (TestJournal test = withMessages(3)) {
            fill(test);
            long batch = 0;
            while (!test.journal.isStuck()) {
                batch = test.append("more than there is room for" + " ".repeat(900), 1);
                test.executor.runUntil(() -> test.journal.isStuck() || test.journal.isForced(test.journal.lastBatch()));
            }
            assertThat(test.journal.isForced(batch)).isFalse();
            disk.heal();
            test.runUntilForced(batch);
            assertThat(test.journal.isBlocked()).isFalse();
            assertThat(disk.bytes(Reserve.FILE)).hasSize(RESERVE);
        }
    }

    @Test
    void diskFull_drained_makesRoomForTheReserveAndIsFullNoMore() throws IOException {
        try (TestJournal test = withMessages(80)) {
            fill(test);
            test.settle(1, 0, 80);
            test.reclaim();
            test.executor.runUntil(() -> !test.journal.isBlocked());
            assertThat(disk.bytes(Reserve.FILE)).hasSize(RESERVE);
            test.runUntilForced(test.append("is taken", 1));
        }
    }

    /** The settles of what they held cannot be written then, and need not be. */
    @Test
    void stuck_segmentsInWhichAllIsSettled_areDeletedAndAPowerCutThenLosesNothing() throws IOException {
        for (FaultDisk.Leaves leaves : FaultDisk.Leaves.values()) {
            FaultDisk full = new FaultDisk();
            try (TestJournal test = new TestJournal(full)) {
                for (int i = 0; i < 80; i++) {
                    test.append("message " + i + " ".repeat(500), 1);
                    test.force();
                }
                full.limit(0);
                test.append("no room", 2);
                test.executor.runUntil(test.journal::isStuck);
                long before = full.bytes();
                test.settle(1, 0, 60);
                test.reclaim();
                test.executor.runUntil(() -> full.bytes() < before / 2);
                assertThat(test.journal.isStuck()).isTrue();
                try (TestJournal reopened = test.reopen(full.crash(leaves, new SplittableRandom(1)))) {
                    assertThat(reopened.read(1).tailMap(60L)).as("%s", leaves).hasSize(20);
                    assertThat(reopened.journal.damage().isNone()).isTrue();
                }
            }
        }
    }

    @Test
    void start_onAFullDisk_takesNothingInThatMustBeWritten() throws IOException {
        withMessages(3).close();
        disk.delete(Reserve.FILE);
        disk.limit(disk.bytes() + RESERVE);
        try (TestJournal test = open(disk)) {
            test.executor.runUntil(test.journal::isBlocked);
            assertThat(test.journal.isStuck()).isFalse();
            test.settle(1, 0, 1);
            test.force();
            assertThat(test.read(1)).hasSize(2);
        }
    }

    @Test
    void reserve_torn_isMadeAnew() throws IOException {
        disk.put(Reserve.FILE, new byte[100]);
        try (TestJournal test = withMessages(1)) {
            assertThat(disk.bytes(Reserve.FILE)).hasSize(RESERVE);
            assertThat(test.journal.isBlocked()).isFalse();
        }
    }

    @Test
    void reserve_thatCannotBeMadeForAnotherReason_isDoneWithout() throws IOException {
        disk.failWrites(1, 1);
        try (TestJournal test = withMessages(1)) {
            assertThat(disk.exists(Reserve.FILE)).isFalse();
            assertThat(test.journal.isBlocked()).isFalse();
        }
    }
}
