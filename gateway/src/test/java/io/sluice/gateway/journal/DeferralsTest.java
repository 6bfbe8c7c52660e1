// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Records that wait for their receivers, and batches that gather. */
final class DeferralsTest {

    private static final SyncDelays SETTLE = new SyncDelays(Duration.ZERO, Duration.ofMillis(800));
    private static final SyncDelays OUTAGE = new SyncDelays(Duration.ofMillis(500), Duration.ZERO);
    private static final SyncDelays BOTH = new SyncDelays(Duration.ofMillis(500), Duration.ofMillis(800));

    private final FaultDisk disk = new FaultDisk();

    /** With the sequences of some owners reserved, so that nothing else is to be written. */
    private TestJournal begin(SyncDelays delays, long... owners) throws IOException {
        TestJournal test = new TestJournal(disk, TestJournal.UNLIMITED, delays);
        for (long owner : owners) {
            test.append("first", owner);
            test.settle(owner, 0, 1);
        }
        test.force();
        return test;
    }

    private static void run(TestJournal test) {
        test.executor.run();
    }

    @Test
    void kept_settledByAllInTime_isSafeAndNeverWritten() throws IOException {
        try (TestJournal test = begin(SETTLE, 1, 2)) {
            long written = test.journal.status().bytesWritten();
            long receipt = test.keep("passes", 1, 2);
            boolean[] told = {false};
            test.journal.whenSafe(receipt, () -> told[0] = true);
            test.settle(1, 1, 2);
            run(test);
            assertThat(told[0]).isFalse();

            test.settle(2, 1, 2);

            assertThat(test.journal.isSafe(receipt)).isTrue();
            assertThat(told[0]).as("told before the call returned").isFalse();
            run(test);
            assertThat(told[0]).isTrue();
            test.executor.advance(Duration.ofSeconds(10));
            assertThat(test.journal.bytesNotForced()).isZero();
            assertThat(test.journal.status().bytesWritten()).isEqualTo(written);
            assertThat(test.log(1).depth()).isZero();
        }
    }

    @Test
    void kept_notSettledWithinTheDelay_isWrittenForThoseWhoHaveNot() throws IOException {
        TestJournal test = begin(SETTLE, 1, 2);
        long receipt = test.keep("late", 1, 2);
        boolean[] told = {false};
        test.journal.whenSafe(receipt, () -> told[0] = true);
        test.settle(1, 1, 2);
        test.executor.advance(Duration.ofMillis(600));
        assertThat(test.journal.isSafe(receipt)).isFalse();

        test.executor.advance(Duration.ofMillis(200));
        test.executor.runUntil(() -> told[0]);

        assertThat(test.journal.isSafe(receipt)).isTrue();
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)))) {
            assertThat(after.read(1)).isEmpty();
            assertThat(after.read(2).values()).containsExactly("late");
        }
    }

    @Test
    void kept_byOneThatWasLate_isWrittenAtOnceUntilItHasCaughtUp() throws IOException {
        try (TestJournal test = begin(SETTLE, 1)) {
            test.keep("late", 1);
            test.executor.advance(Duration.ofSeconds(1));
            assertThat(test.log(1).keepsUp()).isFalse();
            assertThat(test.keep("not waited for", 1)).as("a batch").isPositive();

            test.settle(1, 1, 3);
            assertThat(test.log(1).keepsUp()).isTrue();
            assertThat(test.keep("waits again", 1)).isNegative();
        }
    }

    @Test
    void kept_andOneThatMustBeWrittenBehindIt_areWrittenInOrder() throws IOException {
        TestJournal test = begin(SETTLE, 1, 2);
        test.keep("1", 1);
        test.keep("2", 2);
        test.keep("3", 1);
        test.settle(1, 1, 2);
        long batch = test.append("4", 1);
        assertThat(test.log(1).deferred().isEmpty()).isTrue();
        test.runUntilForced(batch);
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)))) {
            assertThat(after.read(1).values()).containsExactly("3", "4");
            assertThat(after.read(2).values()).containsExactly("2");
        }
    }

    @Test
    void kept_whenItsOwnerIsRemoved_isSafeOnlyWithTheRemoval() throws IOException {
        try (TestJournal test = begin(SETTLE, 1)) {
            disk.holdForces();
            long receipt = test.keep("for nobody", 1);
            test.journal.remove(1);
            run(test);
            assertThat(test.journal.isSafe(receipt)).isFalse();
            disk.releaseForces();
            test.executor.runUntil(() -> test.journal.isSafe(receipt));
        }
    }

    @Test
    void kept_whenThePowerFails_givesItsSequenceToNoOther() throws IOException {
        TestJournal test = begin(SETTLE, 1);
        test.keep("sent and gone", 1);
        long sent = test.log(1).next() - 1;
        assertThat(test.journal.mayPrecedeForce(test.log(1), sent)).isTrue();
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)))) {
            assertThat(after.read(1)).isEmpty();
            assertThat(after.log(1).next()).isGreaterThan(sent);
        }
    }

    @Test
    void kept_moreThanMayWait_isWritten() throws IOException {
        try (TestJournal test = begin(SETTLE, 1)) {
            String large = "x".repeat(1 << 20);
            List<Long> receipts = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                receipts.add(test.keep(large, 1));
            }
            assertThat(receipts.subList(0, 3)).allMatch(receipt -> receipt < 0);
            assertThat(receipts.get(3)).as("a batch").isPositive();
            test.executor.runUntil(() -> test.journal.isSafe(receipts.getFirst()));
        }
    }

    @Test
    void finish_withWhatWaits_makesItSafe() throws IOException {
        TestJournal test = begin(BOTH, 1);
        test.keep("waits", 1);
        try (TestJournal after = test.restart()) {
            assertThat(after.read(1).values()).containsExactly("waits");
        }
    }

    @Test
    void batch_withADelay_gathersUntilItIsOver() throws IOException {
        try (TestJournal test = begin(OUTAGE, 1)) {
            int forces = disk.forces();
            long first = test.append("first", 1);
            test.executor.advance(Duration.ofMillis(400));
            long second = test.append("second", 1);
            assertThat(second).isEqualTo(first);
            test.executor.advance(Duration.ofMillis(99));
            assertThat(disk.forces()).isEqualTo(forces);

            test.executor.advance(Duration.ofMillis(1));
            test.executor.runUntil(() -> test.journal.isForced(second));
            assertThat(disk.forces()).isEqualTo(forces + 1);
        }
    }

    @Test
    void batch_inAHurryOrFull_gathersNoLonger() throws IOException {
        try (TestJournal test = begin(OUTAGE, 1)) {
            long urgent = test.append("urgent", 1);
            test.journal.hurry();
            test.executor.runUntil(() -> test.journal.isForced(urgent));

            String full = "x".repeat(TestJournal.SMALL.batchBytes());
            test.append(full, 1);
            long second = test.append(full, 1);
            test.executor.runUntil(() -> test.journal.isForced(second));
        }
    }

    @Test
    void batch_whoseDelayEndedEarly_doesNotShortenThatOfTheNext() throws IOException {
        try (TestJournal test = begin(OUTAGE, 1)) {
            test.append("one", 1);
            test.executor.advance(Duration.ofMillis(400));
            test.force();
            int forces = disk.forces();
            test.append("two", 1);
            test.executor.advance(Duration.ofMillis(499));
            assertThat(disk.forces()).isEqualTo(forces);
        }
    }

    @Test
    void settles_ofWhatIsWritten_goOutWithTheDelay() throws IOException {
        TestJournal test = begin(OUTAGE, 1);
        test.append("one", 1);
        test.append("two", 1);
        test.force();
        long written = test.journal.status().bytesWritten();
        test.settle(1, 1, 2);
        run(test);
        assertThat(test.journal.status().bytesWritten()).isEqualTo(written);
        test.executor.advance(Duration.ofMillis(500));
        test.force();
        assertThat(test.journal.status().bytesWritten()).isGreaterThan(written);
        test.close();
    }
}
