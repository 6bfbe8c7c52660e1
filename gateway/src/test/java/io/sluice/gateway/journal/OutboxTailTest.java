// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class OutboxTailTest {

    private final FaultDisk disk = new FaultDisk();

    private static void fill(TestJournal test, int count, long... owners) {
        for (int i = 0; i < count; i++) {
            test.append("message " + i + " ".repeat(50), owners);
            test.executor.run();
        }
        test.force();
    }

    private static void next(TestJournal test, TestJournal.TailReader reader, int countMax) {
        reader.request(countMax, Long.MAX_VALUE);
        test.executor.runUntil(() -> !reader.tail.isBusy());
    }

    @Test
    void tail_overManySegments_givesAllInOrder() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            fill(test, 300, 1, 2);
            assertThat(test.journal.upkeep().segments()).isGreaterThan(5);
            for (int countMax : new int[] {1, 7, 1_000}) {
                assertThat(test.read(2, 0, countMax, Long.MAX_VALUE).keySet())
                        .as("by %d", countMax)
                        .containsExactlyElementsOf(
                                LongStream.range(0, 300).boxed().toList());
            }
        }
    }

    @Test
    void request_bytesMaxTooSmallForOne_givesOne() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            fill(test, 3, 1);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            reader.request(10, 0);
            test.executor.runUntil(() -> !reader.tail.isBusy());
            assertThat(reader.found).hasSize(1);
        }
    }

    @Test
    void tail_whileAppending_missesAndRepeatsNothing() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            for (int i = 0; i < 400; i++) {
                test.append("message " + i + " ".repeat(50), 1);
                if (i % 3 == 0) {
                    reader.request(5, Long.MAX_VALUE);
                }
                test.executor.run();
            }
            while (reader.upTo < test.log(1).next()) {
                next(test, reader, 5);
            }
            assertThat(reader.found.keySet())
                    .containsExactlyElementsOf(LongStream.range(0, 400).boxed().toList());
        }
    }

    @Test
    void tail_segmentsFreedMeanwhile_goesOnBehindThem() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            fill(test, 300, 1);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            next(test, reader, 3);
            int segments = test.journal.upkeep().segments();
            reader.request(3, Long.MAX_VALUE); // under way while its segment goes
            test.settle(1, 0, 150);
            test.reclaim();
            test.executor.runUntil(() -> !reader.tail.isBusy());
            assertThat(test.journal.upkeep().segments()).isLessThan(segments);
            while (reader.upTo < test.log(1).next()) {
                next(test, reader, 50);
            }
            assertThat(reader.found.tailMap(150L)).hasSize(150);
            assertThat(test.bugs).isEmpty();
        }
    }

    @Test
    void tail_sequencesWithoutARecordAfterACrash_areSettledSoThatTheirSegmentsGo() throws IOException {
        TestJournal test = new TestJournal(disk);
        for (int i = 0; i < 100; i++) {
            test.append("message " + i + " ".repeat(50), 1);
            test.journal.take(test.log(1)); // borrowed, and not settled when the process dies
            test.executor.run();
        }
        test.force();
        test = test.reopen(disk.afterCrash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1)));
        assertThat(test.read(1)).hasSize(100);
        for (long sequence = 0; sequence < 200; sequence += 2) {
            test.settle(1, sequence, sequence + 1);
        }
        assertThat(test.log(1).depth()).isZero();
        assertThat(test.log(1).floor()).isEqualTo(test.log(1).next());
        fill(test, 200, 2);
        test.reclaim();
        assertThat(test.log(1).ranges().isEmpty()).isTrue();
        test.close();
    }

    @Test
    void restart_answerUnderWay_isDropped() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            fill(test, 60, 1);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            reader.request(5, Long.MAX_VALUE);
            reader.tail.restart(40);
            reader.upTo = 40;
            assertThat(reader.tail.isBusy()).isFalse();
            while (reader.upTo < test.log(1).next()) {
                next(test, reader, 5);
            }
            assertThat(reader.found.firstKey()).isEqualTo(40);
            assertThat(reader.found).hasSize(20);
        }
    }

    @Test
    void tail_thatBeginsAmongWhatAFrameHasJustGiven_givesAllFromThere() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            for (int i = 0; i < 10; i++) {
                test.append("message " + i, 1); // in one batch
            }
            test.force();
            TestJournal.TailReader first = new TestJournal.TailReader(test, test.log(1), 0);
            next(test, first, 5);
            assertThat(first.found.keySet()).containsExactly(0L, 1L, 2L, 3L, 4L);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 2);
            while (reader.upTo < test.log(1).next()) {
                next(test, reader, 5);
            }
            assertThat(reader.found.keySet()).containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
            assertThat(test.log(1).depth()).isEqualTo(10);
        }
    }

    @Test
    void endOfWhatIsWritten_isAnsweredByTheNextWrite() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            fill(test, 2, 1);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            next(test, reader, 10);
            disk.holdForces();
            long batch = test.append("more", 1);
            reader.request(10, Long.MAX_VALUE);
            test.executor.run();
            disk.awaitHeldForce();
            assertThat(reader.tail.isBusy()).isTrue();
            assertThat(reader.found).hasSize(2);
            disk.releaseForces();
            test.runUntilForced(batch);
            test.executor.runUntil(() -> !reader.tail.isBusy());
            assertThat(reader.found.values()).contains("more");
        }
    }

    @Test
    void request_nothingUnsettled_isAnsweredAtOnce() throws IOException {
        TestJournal before = new TestJournal(disk);
        fill(before, 5, 1);
        before.settle(1, 0, 5);
        try (TestJournal test = before.restart()) {
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            reader.request(10, Long.MAX_VALUE);
            test.executor.run();
            assertThat(reader.tail.isBusy()).isFalse();
            assertThat(reader.upTo).isEqualTo(test.log(1).next());
        }
    }

    @Test
    void request_betweenTakeAndAppend_doesNotPassOverIt() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            TestJournal.TailReader reader = new TestJournal.TailReader(test, test.log(1), 0);
            Receivers receivers = new Receivers();
            receivers.add(1, test.journal.take(test.log(1)), Qos.AT_LEAST_ONCE, false, List.of());
            reader.request(10, Long.MAX_VALUE);
            test.journal.append(TestJournal.message("late"), receivers, 0, 0, false, 0);
            test.executor.runUntil(() -> !reader.tail.isBusy());
            assertThat(reader.found.values()).containsExactly("late");
        }
    }

    @Test
    void damagedEndOfASegment_isPassedOver() throws IOException {
        TestJournal test = new TestJournal(disk);
        fill(test, 100, 1);
        test.close();
        byte[] bytes = disk.bytes("0000000001.sluice");
        for (int i = bytes.length - 1_500; i < bytes.length; i++) {
            bytes[i] = 0;
        }
        disk.put("0000000001.sluice", bytes);
        try (TestJournal after = new TestJournal(disk)) {
            assertThat(after.read(1).lastKey()).isEqualTo(99);
            assertThat(after.read(1)).hasSizeBetween(60, 95);
        }
    }

    @Test
    void removedOwner_requestUnderWay_endsQuietly() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            fill(test, 100, 1);
            OutboxLog log = test.log(1);
            TestJournal.TailReader reader = new TestJournal.TailReader(test, log, 0);
            reader.request(5, Long.MAX_VALUE);
            test.journal.remove(1);
            test.force();
            test.executor.runUntil(() -> !reader.tail.isBusy());
            reader.request(5, Long.MAX_VALUE);
            test.executor.run();
            assertThat(reader.tail.isBusy()).isFalse();
            assertThat(reader.upTo).isEqualTo(log.next());
            assertThat(log.isRemoved()).isTrue();
        }
    }
}
