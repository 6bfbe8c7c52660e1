// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {

    private final FaultDisk disk = new FaultDisk();

    @Test
    void append_beforeForceReturns_isNotForced() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            disk.holdForces();
            long batch = test.append("one", 1);
            test.executor.run();
            disk.awaitHeldForce();
            test.executor.run();
            assertThat(test.journal.isForced(batch)).isFalse();

            disk.releaseForces();
            test.runUntilForced(batch);
        }
    }

    @Test
    void append_whileForceRuns_gathersInOneBatchThatIsForcedOnce() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            disk.holdForces();
            test.append("first", 1);
            test.executor.run();
            disk.awaitHeldForce();
            int forces = disk.forces();
            List<Long> batches = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                batches.add(test.append("later " + i, 1));
                test.executor.run();
            }
            assertThat(batches).containsOnly(batches.getFirst());

            disk.releaseForces();
            test.runUntilForced(batches.getFirst());
            assertThat(disk.forces()).isEqualTo(forces + 2);
        }
    }

    @Test
    void whenForced_severalBatches_runsInOrderOfTheCalls() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            List<String> order = new ArrayList<>();
            disk.holdForces();
            long first = test.append("first", 1);
            test.journal.whenForced(first, () -> order.add("first"));
            test.executor.run();
            disk.awaitHeldForce();
            long second = test.append("second", 1);
            test.journal.whenForced(second, () -> order.add("second"));
            test.journal.whenForced(first, () -> order.add("first again"));
            test.journal.whenForced(0, () -> order.add("at once"));
            assertThat(order).isEmpty();

            disk.releaseForces();
            test.executor.runUntil(() -> order.size() == 4);
            assertThat(order).containsExactly("first", "second", "first again", "at once");
        }
    }

    @Test
    void recover_afterPowerCut_hasAllThatWasForced() throws IOException {
        TestJournal test = new TestJournal(disk);
        for (int i = 0; i < 200; i++) {
            test.append("message " + i, 1 + i % 3);
        }
        test.force();
        try (TestJournal after = test.reopen(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)))) {
            for (long owner = 1; owner <= 3; owner++) {
                assertThat(after.read(owner)).hasSize(owner == 3 ? 66 : 67);
            }
            assertThat(after.read(2).firstEntry().getValue()).isEqualTo("message 1");
        }
    }

    @Test
    void recover_realDirectory_hasWhatWasSettledAndWhatNot(@TempDir Path directory) throws IOException {
        TestJournal test = new TestJournal(FileDisk.open(directory));
        for (int i = 0; i < 100; i++) {
            test.append("message " + i, 1);
        }
        test.settle(1, 0, 40);
        test.settle(1, 50, 60);
        test.force();
        test.close();
        try (TestJournal after = new TestJournal(FileDisk.open(directory))) {
            assertThat(after.log(1).depth()).isEqualTo(50);
            assertThat(after.log(1).floor()).isEqualTo(40);
            assertThat(after.read(1)).hasSize(50).containsKey(40L).doesNotContainKey(50L);
        }
    }
}
