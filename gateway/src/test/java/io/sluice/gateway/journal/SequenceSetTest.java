// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SequenceSetTest {

    private static final int NUMBERS_MAX = 300;

    @Test
    void add_runThatTouchesTheFloor_raisesIt() {
        SequenceSet set = new SequenceSet(10);
        assertThat(set.add(12, 20)).isEqualTo(8);
        assertThat(set.floor()).isEqualTo(10);
        assertThat(set.add(8, 12)).isEqualTo(2);
        assertThat(set.floor()).isEqualTo(20);
        assertThat(set.runCount()).isZero();
    }

    @Test
    void add_outOfOrder_takesARunPerHoleOnly() {
        SequenceSet set = new SequenceSet(0);
        for (long i = 1_000_000; i > 0; i -= 1) {
            set.add(i);
        }
        assertThat(set.runCount()).isEqualTo(1);
        assertThat(set.add(0)).isTrue();
        assertThat(set.floor()).isEqualTo(1_000_001);
    }

    @Test
    void randomAdds_matchNaiveModel() {
        for (long seed = 1; seed <= 2_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int floor = random.nextInt(20);
            SequenceSet set = new SequenceSet(floor);
            BitSet model = new BitSet();
            model.set(0, floor);
            for (int step = 0; step < 40; step++) {
                int from = random.nextInt(NUMBERS_MAX);
                int to = from + random.nextInt(random.nextInt(5) == 0 ? 60 : 4);
                long isNew = to - from - model.get(from, Math.max(from, to)).cardinality();
                assertThat(set.add(from, to)).as("seed %d step %d", seed, step).isEqualTo(isNew);
                model.set(from, to);
                check(set, model, random, seed);
            }
        }
    }

    private static void check(SequenceSet set, BitSet model, SplittableRandom random, long seed) {
        assertThat(set.floor()).as("floor, seed %d", seed).isEqualTo(model.nextClearBit(0));
        int at = random.nextInt(NUMBERS_MAX + 60);
        assertThat(set.contains(at)).as("contains %d, seed %d", at, seed).isEqualTo(model.get(at));
        assertThat(set.nextAbsent(at)).as("after %d, seed %d", at, seed).isEqualTo(model.nextClearBit(at));
        int count = random.nextInt(20);
        int after = model.nextClearBit(0);
        for (int i = 0; i < count; i++) {
            after = model.nextClearBit(after) + 1;
        }
        assertThat(set.afterAbsent(count))
                .as("after %d absent, seed %d", count, seed)
                .isEqualTo(after);
        int to = at + random.nextInt(100);
        assertThat(set.count(at, to))
                .as("count %d to %d, seed %d", at, to, seed)
                .isEqualTo(model.get(at, to).cardinality());
        long above = 0;
        long before = set.floor();
        for (int run = 0; run < set.runCount(); run++) {
            assertThat(set.runStart(run)).as("seed %d, %s", seed, set).isGreaterThan(before);
            above += set.runEnd(run) - set.runStart(run);
            before = set.runEnd(run);
        }
        assertThat(set.floor() + above).as("seed %d, %s", seed, set).isEqualTo(model.cardinality());
    }
}
