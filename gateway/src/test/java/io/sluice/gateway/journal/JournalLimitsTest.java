// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What gives way when a limit is reached, that it is counted, and that nothing else does. */
final class JournalLimitsTest {

    private static final int SEGMENT_BYTES = TestJournal.SMALL.segmentBytes();
    private static final long BYTES_MAX = 40L * SEGMENT_BYTES;
    private static final long BRIDGE = 1;
    private static final long PRESS = 2;
    private static final long PUMP = 3;

    private final FaultDisk disk = new FaultDisk();
    private final List<String> told = new ArrayList<>();

    private TestJournal open(JournalLimits.WhenFull whenFull, int sessionsPercent, int sessionPercent)
            throws IOException {
        TestJournal test = new TestJournal(
                disk,
                new JournalLimits(BYTES_MAX, JournalLimits.ANY_AGE, whenFull, sessionsPercent, sessionPercent),
                TestJournal.SMALL);
        test.journal.upkeep().onDropped((owner, from, to, count) -> told.add(owner + ":" + from));
        test.journal.put(new DurableState.BridgeState(BRIDGE, "cloud", "all"), 0);
        for (long owner : new long[] {PRESS, PUMP}) {
            test.journal.put(new DurableState.SessionState(owner, "client-" + owner, 60, 1, Optional.empty()), 0);
        }
        return test;
    }

    /** Appends as the router does: a delivery that is refused is counted and not written. */
    private static void fill(TestJournal test, long bytes, long... owners) {
        long last = test.journal.upkeep().bytesTaken() + bytes;
        while (test.journal.upkeep().bytesTaken() < last) {
            List<Long> taken = new ArrayList<>();
            for (long owner : owners) {
                DropReason refusal = test.journal.refusal(test.log(owner));
                if (refusal == null) {
                    taken.add(owner);
                } else {
                    test.journal.dropped(test.log(owner), refusal, 1);
                }
            }
            if (taken.isEmpty()) {
                return;
            }
            test.append(
                    "x".repeat(200), taken.stream().mapToLong(Long::longValue).toArray());
            test.force();
        }
        test.executor.advance(Duration.ofSeconds(2));
    }

    private static Map<DropReason, Long> dropped(TestJournal test, long owner) {
        return test.journal.dropped(owner);
    }

    @Test
    void oneSession_overItsShare_losesItsOldestAlone() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.DROP_OLDEST, 50, 10)) {
            fill(test, BYTES_MAX / 20, BRIDGE);
            fill(test, BYTES_MAX / 4, PRESS);
            long lost = dropped(test, PRESS).get(DropReason.SHARE);
            assertThat(lost).isPositive();
            assertThat(test.read(PRESS))
                    .hasSize((int) (test.log(PRESS).next() - lost))
                    .containsKey(test.log(PRESS).next() - 1);
            assertThat(test.read(PRESS).firstKey()).isEqualTo(lost);
            assertThat(dropped(test, BRIDGE)).isEmpty();
            assertThat(test.log(BRIDGE).depth()).isEqualTo(test.log(BRIDGE).next());
            assertThat(test.journal.status().dropped()).containsEntry(DropReason.SHARE, lost);
            assertThat(told).isNotEmpty().allMatch(each -> each.startsWith(PRESS + ":"));
            assertThat(test.journal.upkeep().bytes()).isLessThan(BYTES_MAX / 4);
        }
    }

    @Test
    void allSessions_overTheirShare_giveWayBeforeBridges() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.DROP_OLDEST, 25, 20)) {
            fill(test, BYTES_MAX / 6, PRESS);
            fill(test, BYTES_MAX / 6, PUMP);
            fill(test, BYTES_MAX / 4, BRIDGE);
            assertThat(dropped(test, PRESS).getOrDefault(DropReason.SHARE, 0L)
                            + dropped(test, PUMP).getOrDefault(DropReason.SHARE, 0L))
                    .isPositive();
            assertThat(dropped(test, BRIDGE)).isEmpty();
            assertThat(test.log(PUMP).depth() + test.log(PRESS).depth()).isPositive();
        }
    }

    @Test
    void aMessageForMany_countsOnceForAllOfThem() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.DROP_OLDEST, 25, 25)) {
            fill(test, BYTES_MAX / 5, PRESS, PUMP);
            assertThat(test.journal.status().dropped()).containsEntry(DropReason.SHARE, 0L);
        }
    }

    @Test
    void dropNewest_sessionOverItsShare_takesNoMoreAndTheBridgeGoesOn() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.DROP_NEWEST, 50, 10)) {
            fill(test, BYTES_MAX / 4, PRESS, BRIDGE);
            fill(test, BYTES_MAX / 8, PRESS, BRIDGE);
            assertThat(dropped(test, PRESS)).containsOnlyKeys(DropReason.SHARE);
            assertThat(test.read(PRESS)).hasSize((int) test.log(PRESS).next()).containsKey(0L);
            assertThat(test.log(BRIDGE).next()).isGreaterThan(test.log(PRESS).next());
            assertThat(dropped(test, BRIDGE)).isEmpty();

            test.settle(PRESS, 0, test.log(PRESS).next());
            test.executor.advance(Duration.ofSeconds(2));
            assertThat(test.journal.refusal(test.log(PRESS))).isNull();
        }
    }

    @Test
    void dropNewest_journalFull_keepsTheOldestAndStaysWithin() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.DROP_NEWEST, 100, 100)) {
            fill(test, 2 * BYTES_MAX, BRIDGE);
            assertThat(dropped(test, BRIDGE)).containsOnlyKeys(DropReason.MAX_BYTES);
            assertThat(test.read(BRIDGE)).hasSize((int) test.log(BRIDGE).next()).containsKey(0L);
            assertThat(test.journal.isFull()).isTrue();
            assertThat(disk.bytes()).isBetween(BYTES_MAX / 2, BYTES_MAX);
        }
    }

    /** What frees a full journal has its segment's worth in reserve. */
    @Test
    void reject_journalFull_settlingEachMessageStaysWithinAndMakesRoom() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.REJECT, 100, 100)) {
            fill(test, 2 * BYTES_MAX, BRIDGE);
            assertThat(test.journal.isFull()).isTrue();
            long next = test.log(BRIDGE).next();
            for (long sequence = next - 1; sequence >= 0; sequence -= 2) { // the worst order
                test.settle(BRIDGE, sequence, sequence + 1);
                if (sequence % 16 == 0) {
                    tick(test);
                }
                assertThat(disk.bytes()).isLessThanOrEqualTo(BYTES_MAX);
            }
            for (int i = 0; i < 60; i++) {
                tick(test);
            }
            assertThat(test.journal.isFull()).isFalse();
            assertThat(test.log(BRIDGE).depth()).isEqualTo(next / 2);
            assertThat(test.read(BRIDGE)).hasSize((int) (next / 2));
        }
    }

    private static void tick(TestJournal test) {
        test.force();
        test.executor.advance(Duration.ofSeconds(1));
        test.executor.runUntil(() -> !test.journal.upkeep().compaction().isBusy());
        test.force();
    }

    @Test
    void dropOldest_journalFull_keepsTheNewestAndStaysWithin() throws IOException {
        try (TestJournal test = open(JournalLimits.WhenFull.DROP_OLDEST, 100, 100)) {
            for (int i = 0; i < 8; i++) {
                fill(test, BYTES_MAX / 4, BRIDGE);
                assertThat(test.journal.upkeep().bytes()).isLessThanOrEqualTo(BYTES_MAX);
            }
            long lost = dropped(test, BRIDGE).get(DropReason.MAX_BYTES);
            assertThat(test.read(BRIDGE)).hasSize((int) (test.log(BRIDGE).next() - lost));
            assertThat(test.read(BRIDGE).firstKey()).isEqualTo(lost);
        }
    }

    @Test
    void maxAge_passed_dropsWhatIsOlderAndCountsIt() throws IOException {
        long[] nanos = {0};
        JournalLimits week = new JournalLimits(
                BYTES_MAX, Duration.ofDays(7).toMillis(), JournalLimits.WhenFull.DROP_OLDEST, 100, 100);
        try (TestJournal test = new TestJournal(disk, week, TestJournal.SMALL, () -> nanos[0], MachineTime.of(() -> TestJournal.START))) {
            fill(test, 5L * SEGMENT_BYTES, BRIDGE);
            long old = test.log(BRIDGE).next();
            nanos[0] += Duration.ofDays(4).toNanos();
            fill(test, 5L * SEGMENT_BYTES, BRIDGE);
            assertThat(test.journal.status().dropped()).containsEntry(DropReason.MAX_AGE, 0L);
            nanos[0] += Duration.ofDays(4).toNanos();
            fill(test, SEGMENT_BYTES, BRIDGE);
            long lost = dropped(test, BRIDGE).get(DropReason.MAX_AGE);
            assertThat(lost).isBetween(old - 25, old);
            assertThat(test.read(BRIDGE).firstKey()).isEqualTo(lost);
        }
    }
}
