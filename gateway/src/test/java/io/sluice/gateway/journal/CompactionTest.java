// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Room made out of segments of which little is needed, and what a power cut leaves at each step of it. */
final class CompactionTest {

    private static final int SEGMENT_BYTES = TestJournal.SMALL.segmentBytes();
    private static final JournalLimits TIGHT =
            new JournalLimits(10L * SEGMENT_BYTES, JournalLimits.WhenFull.DROP_OLDEST);
    private static final JournalLimits NOTHING_DROPPED =
            new JournalLimits(SEGMENT_BYTES, JournalLimits.WhenFull.REJECT);

    private final FaultDisk disk = new FaultDisk();

    private static TestJournal open(FaultDisk disk, JournalLimits limits) throws IOException {
        return new TestJournal(disk, limits, TestJournal.SMALL);
    }

    private static List<String> retained(TestJournal test) {
        return test.journal.recovered().values().stream()
                .map(state -> switch (state) {
                    case DurableState.RetainedState kept ->
                        kept.message().topic() + "=" + kept.message().payload().text();
                    case DurableState other -> other.toString();
                })
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Fills segments with messages that are settled at once. */
    private static void fill(TestJournal test, int segments) {
        long last = test.journal.upkeep().bytesTaken() + (long) segments * SEGMENT_BYTES;
        while (test.journal.upkeep().bytesTaken() < last) {
            test.append("x".repeat(200), 1);
            test.settle(1, 0, test.log(1).next());
            test.force();
        }
    }

    private static void settle(TestJournal test) {
        for (int turn = 0; turn < 40; turn++) {
            test.executor.advance(Duration.ofSeconds(1));
            test.executor.runUntil(() -> !test.journal.upkeep().compaction().isBusy());
            test.force();
        }
    }

    @Test
    void retainedMessage_neverChanged_pinsNoSegmentPastTheLimit() throws IOException {
        try (TestJournal test = open(disk, TIGHT)) {
            for (int i = 0; i < 12; i++) {
                test.retain("constant/" + i, "value", 0);
                fill(test, 1);
                settle(test);
                assertThat(test.journal.upkeep().bytes()).as("round %d", i).isLessThanOrEqualTo(TIGHT.bytesMax());
            }
            fill(test, 20);
            settle(test);
            assertThat(test.journal.upkeep().segments()).isLessThan(10);
            assertThat(test.journal.upkeep().compaction().moved()).isGreaterThanOrEqualTo(12);
        }
        try (TestJournal after = open(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)), TIGHT)) {
            assertThat(retained(after)).hasSize(12).contains("constant/0=value", "constant/11=value");
        }
    }

    @Test
    void movedState_replacedAndRemovedByTheNumberItsOwnerKnows_isGone() throws IOException {
        try (TestJournal test = open(disk, NOTHING_DROPPED)) {
            long replaced = test.retain("replaced", "old", 0);
            long removed = test.retain("removed", "old", 0);
            test.retain("kept", "old", 0);
            for (int round = 0; round < 3; round++) { // moved more than once
                fill(test, 5);
                settle(test);
            }
            assertThat(test.journal.upkeep().compaction().moved()).isGreaterThanOrEqualTo(6);
            test.retain("replaced", "new", replaced);
            test.journal.remove(0, removed);
            test.force();
        }
        try (TestJournal after = open(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)), TIGHT)) {
            assertThat(retained(after)).containsExactlyInAnyOrder("replaced=new", "kept=old");
        }
    }

    @Test
    void sparseSegments_rewritten_keepOrderAndWhatIsUnsettled() throws IOException {
        TreeMap<Long, String> expected = new TreeMap<>();
        try (TestJournal test = open(disk, NOTHING_DROPPED)) {
            sparse(test, expected);
            long before = test.journal.upkeep().bytes();
            settle(test);
            assertThat(test.journal.upkeep().compaction().rewritten()).isGreaterThan(3);
            assertThat(test.journal.upkeep().bytes()).isLessThan(before / 2);
            long zeros = disk.bytes() - test.journal.upkeep().bytes();
            assertThat(zeros).isBetween(0L, (long) ActiveFile.aheadBytes(TestJournal.SMALL));
            assertThat(test.read(2)).isEqualTo(expected);
        }
        try (TestJournal after = open(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)), TIGHT)) {
            assertThat(after.read(2)).isEqualTo(expected);
            assertThat(after.log(2).depth()).isEqualTo(expected.size());
            assertThat(after.read(1)).isEmpty();
        }
    }

    /** Segments in which one message of thirteen is needed, and states of which some are. */
    private static void sparse(TestJournal test, TreeMap<Long, String> expected) {
        long state = 0;
        for (int i = 0; i < 130; i++) {
            if (i % 13 == 0) {
                String text = "kept " + i;
                expected.put(test.log(2).next(), text);
                test.append(text, 1, 2);
                state = test.retain("changing", text, i % 2 == 0 ? state : 0);
            } else {
                test.append("x".repeat(200), 1);
            }
            test.settle(1, 0, test.log(1).next());
            test.force();
        }
    }

    @Test
    void tailReader_segmentRewrittenWhileItReads_missesAndRepeatsNothing() throws IOException {
        TreeMap<Long, String> expected = new TreeMap<>();
        try (TestJournal test = open(disk, NOTHING_DROPPED)) {
            sparse(test, expected);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(2), 0);
            while (reader.upTo < test.log(2).next()) {
                test.executor.advance(Duration.ofSeconds(1)); // begins to rewrite the next segment
                reader.request(1, 1);
                test.executor.runUntil(() -> !reader.tail.isBusy());
            }
            assertThat(test.journal.upkeep().compaction().rewritten()).isPositive();
            assertThat(reader.found).isEqualTo(expected);
        }
    }

    @Test
    void powerCut_atEachStep_losesNothing() throws IOException {
        TreeMap<Long, String> expected = new TreeMap<>();
        List<FaultDisk> moments;
        List<String> states;
        try (TestJournal test = open(disk, NOTHING_DROPPED)) {
            test.retain("constant", "stays", 0);
            fill(test, 2);
            sparse(test, expected);
            try (TestJournal now = open(disk.copy(), TIGHT)) {
                states = retained(now);
            }
            disk.watch(new SplittableRandom(7));
            settle(test);
            moments = disk.watched();
            assertThat(test.journal.upkeep().compaction().rewritten()).isGreaterThan(3);
            assertThat(test.journal.upkeep().compaction().moved()).isPositive();
        }
        assertThat(moments).hasSizeGreaterThan(100);
        for (int i = 0; i < moments.size(); i++) {
            try (TestJournal after = open(moments.get(i), TestJournal.UNLIMITED)) {
                assertThat(after.read(2)).as("moment %d", i).isEqualTo(expected);
                assertThat(after.log(2).depth()).as("moment %d", i).isEqualTo(expected.size());
                assertThat(retained(after)).as("moment %d", i).containsExactlyInAnyOrderElementsOf(states);
            }
        }
    }

    @Test
    void rewriting_fails_leavesTheSegmentAsItIs() throws IOException {
        TreeMap<Long, String> expected = new TreeMap<>();
        try (TestJournal test = open(disk, NOTHING_DROPPED)) {
            sparse(test, expected);
            int failed = 0;
            for (int i = 0; i < 20; i++) {
                disk.failReads(1 + i % 3, i % 2);
                test.executor.advance(Duration.ofSeconds(1));
                test.executor.runUntil(() -> !test.journal.upkeep().compaction().isBusy());
                failed += test.isFailing() ? 1 : 0;
                disk.heal();
            }
            assertThat(failed).isZero();
            assertThat(test.read(2)).isEqualTo(expected);
        }
        try (TestJournal after = open(disk.crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)), TIGHT)) {
            assertThat(after.read(2)).isEqualTo(expected);
        }
    }

    @Test
    void everythingInOldSegmentsSettled_sealedAndPowerCut_isNotDeliveredAgain() throws IOException {
        try (TestJournal test = open(disk, TestJournal.UNLIMITED)) {
            for (int i = 0; i < 200; i++) {
                test.append("message " + i + " ".repeat(60), 1);
                test.force();
            }
            int sealed = test.journal.upkeep().segments();
            assertThat(sealed).isGreaterThan(4);
            test.settle(1, 0, 200);
            test.force();
            fillWithOthers(test, sealed + 1);
        }
        for (FaultDisk.Leaves leaves : FaultDisk.Leaves.values()) {
            try (TestJournal after = open(disk.afterCrash(leaves, new SplittableRandom(3)), TestJournal.UNLIMITED)) {
                assertThat(after.log(1).depth()).as("%s", leaves).isZero();
                assertThat(after.read(1)).as("%s", leaves).isEmpty();
            }
        }
    }

    private static void fillWithOthers(TestJournal test, int segments) {
        while (test.journal.upkeep().segments() < segments) {
            test.append("y".repeat(200), 3);
            test.force();
        }
    }
}
