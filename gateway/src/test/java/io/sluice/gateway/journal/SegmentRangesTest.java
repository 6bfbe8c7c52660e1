// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.memory.Budget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SegmentRangesTest {

    private final Map<Long, Segment> segments = new HashMap<>();
    private final Budget memory = new Budget("journal", Long.MAX_VALUE);
    private final SegmentRanges ranges = new SegmentRanges(segments, memory);

    private Segment segment(long number) {
        return segments.computeIfAbsent(number, any -> new Segment(number, 0, 1));
    }

    @Test
    void ranges_thatFollowOneAnother_takeAByteOrTwoEach() {
        for (int i = 1; i <= 1_000; i++) {
            ranges.add(segment(i), 100L * i, 100L * i + 99);
        }
        assertThat(memory.bytes()).isLessThan(2 * 1_000 * 5 / 4 + SegmentRanges.ARRAY_BYTES);
        assertThat(ranges.atOrAfter(70_042)).isEqualTo(new SegmentRange(segment(700), 70_000, 70_099));
    }

    @Test
    void ranges_settledInTheirOrder_giveTheirBytesBack() {
        for (int i = 1; i <= 1_000; i++) {
            ranges.add(segment(i), 100L * i, 100L * i + 99);
        }
        for (int i = 1; i <= 990; i++) {
            ranges.remove(segment(i));
        }
        assertThat(memory.bytes()).isLessThan(100);
        for (int i = 991; i <= 1_000; i++) {
            ranges.remove(segment(i));
        }
        assertThat(memory.bytes()).isZero();
        assertThat(ranges.isEmpty()).isTrue();
    }

    @Test
    void numbersFarApart_areKept() {
        ranges.add(segment(1), 0, 0);
        ranges.add(segment(1L << 40), 1L << 33, (1L << 33) + (1L << 32));
        ranges.add(segment((1L << 40) + 1), 1L << 34, 1L << 35);
        assertThat(all())
                .containsExactly(
                        new SegmentRange(segment(1), 0, 0),
                        new SegmentRange(segment(1L << 40), 1L << 33, (1L << 33) + (1L << 32)),
                        new SegmentRange(segment((1L << 40) + 1), 1L << 34, 1L << 35));
    }

    @Test
    void randomChanges_matchNaiveModel() {
        for (long seed = 1; seed <= 300; seed++) {
            new Trial(seed).run();
        }
        assertThat(memory.bytes()).isZero();
    }

    private List<SegmentRange> all() {
        List<SegmentRange> all = new ArrayList<>();
        SegmentRanges.Cursor at = ranges.cursor();
        while (at.next()) {
            all.add(at.range());
        }
        return all;
    }

    private final class Trial {

        private final long seed;
        private final SplittableRandom random;
        private final List<SegmentRange> model = new ArrayList<>();
        private long segment;
        private long sequence;

        Trial(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
        }

        void run() {
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> add();
                    case 3 -> extend();
                    case 4, 5 -> remove();
                    case 6 -> removeFirst();
                    default -> removeAbsent();
                }
                check("seed %d step %d".formatted(seed, step));
            }
            ranges.clear();
        }

        /** Now and then far away, so that numbers of all sizes are met. */
        private long beyond(long number) {
            return number + random.nextLong(random.nextInt(4) == 0 ? 1L << random.nextInt(40) : 2);
        }

        private void add() {
            segment = beyond(segment + 1);
            long first = beyond(sequence);
            long last = beyond(first);
            sequence = last + 1;
            ranges.add(segment(segment), first, last);
            model.add(new SegmentRange(segment(segment), first, last));
        }

        private void extend() {
            if (!model.isEmpty()) {
                SegmentRange newest = model.removeLast();
                sequence = Math.max(sequence, newest.last() + 1);
                long last = beyond(newest.last());
                sequence = Math.max(sequence, last + 1);
                ranges.extend(last);
                model.add(new SegmentRange(newest.segment(), newest.first(), last));
            }
        }

        private void remove() {
            if (!model.isEmpty()) {
                ranges.remove(model.remove(random.nextInt(model.size())).segment());
            }
        }

        private void removeFirst() {
            if (!model.isEmpty()) {
                ranges.remove(model.removeFirst().segment());
            }
        }

        private void removeAbsent() {
            ranges.remove(new Segment(segment + 1, 0, 1));
        }

        private void check(String where) {
            assertThat(all()).as(where).isEqualTo(model);
            assertThat(ranges.isEmpty()).as(where).isEqualTo(model.isEmpty());
            assertThat(ranges.isLong()).as(where).isEqualTo(model.size() > 1);
            assertThat(ranges.last())
                    .as(where)
                    .isEqualTo(model.isEmpty() ? -1 : model.getLast().last());
            long wanted = random.nextLong(sequence + 2);
            assertThat(ranges.atOrAfter(wanted))
                    .as(where)
                    .isEqualTo(model.stream()
                            .filter(range -> range.last() >= wanted)
                            .findFirst()
                            .orElse(null));
            for (SegmentRange range : model) {
                assertThat(ranges.in(range.segment())).as(where).isEqualTo(range);
            }
            assertThat(ranges.in(new Segment(segment + 1, 0, 1))).as(where).isNull();
        }
    }
}
