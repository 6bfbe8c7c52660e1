// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.memory.Budget;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What the journal keeps in mind of many sessions that are away, each with a backlog in many segments. */
final class BacklogMemoryTest {

    private static final long BRIDGE = 1;

    private final FaultDisk disk = new FaultDisk();

    private static long[] sessions(TestJournal test, int count) {
        long[] owners = LongStream.range(BRIDGE + 1, BRIDGE + 1 + count).toArray();
        for (long owner : owners) {
            test.journal.put(new DurableState.SessionState(owner, "client-" + owner, 60, 1, Optional.empty()), 0);
        }
        test.force();
        return owners;
    }

    /** A message that all must have: with so many receivers it is a segment of its own. */
    private static void append(TestJournal test, int number, long... owners) {
        test.append("m" + number, owners);
        test.force();
    }

    /** As the router does it: what is refused is counted and not written. */
    private static long[] taken(TestJournal test, long... owners) {
        return LongStream.of(owners)
                .filter(owner -> {
                    DropReason refusal = test.journal.refusal(test.log(owner));
                    test.journal.dropped(
                            test.log(owner), refusal == null ? DropReason.MEMORY : refusal, refusal == null ? 0 : 1);
                    return refusal == null;
                })
                .toArray();
    }

    @Test
    void thousandsOfSessionsInManySegments_takeTwoBytesForEachOfBoth() throws IOException {
        int sessions = 8_192;
        int segments = 128;
        TestJournal test = new TestJournal(disk);
        long[] owners = sessions(test, sessions);
        int before = test.journal.upkeep().segments();
        for (int i = 0; i < segments; i++) {
            append(test, i, owners);
        }
        assertThat(test.journal.upkeep().segments() - before).isGreaterThanOrEqualTo(segments - 1);
        long most = sessions * (2L * segments + SegmentRanges.ARRAY_BYTES);
        assertThat(test.memory.bytes()).isBetween((long) sessions * (segments - 2), most);

        test = test.restart();
        assertThat(test.memory.bytes()).isBetween((long) sessions * (segments - 2), most);
        String[] expected = IntStream.range(0, segments).mapToObj(i -> "m" + i).toArray(String[]::new);
        for (long owner : new long[] {owners[0], owners[sessions / 2], owners[sessions - 1]}) {
            assertThat(test.read(owner).values()).containsExactly(expected);
        }

        for (long owner : owners) {
            test.settle(owner, test.log(owner).floor(), test.log(owner).next());
        }
        test.force();
        test.reclaim();
        assertThat(test.memory.bytes()).isZero();
        assertThat(test.journal.upkeep().segments()).isLessThanOrEqualTo(before + 4);
        test.close();
    }

    @Test
    void memorySpent_refusesWhoHasABacklogInManySegments_andNobodyElse() throws IOException {
        TestJournal test = new TestJournal(disk, new Budget("journal", 20_000));
        test.journal.put(new DurableState.BridgeState(BRIDGE, "cloud", "all"), 0);
        long[] owners = sessions(test, 500);
        long healthy = owners[0];
        for (int i = 0; i < 100; i++) {
            long[] taken = taken(
                    test,
                    LongStream.concat(LongStream.of(BRIDGE), LongStream.of(owners))
                            .toArray());
            assertThat(taken).contains(BRIDGE, healthy);
            append(test, i, taken);
            test.settle(healthy, 0, test.log(healthy).next());
        }
        // What comes in the segment that is open takes nothing, so the last round of all may go a little beyond.
        assertThat(test.memory.bytesMost()).isLessThan(20_000 + 500 * 24);
        assertThat(test.memory.exhaustions()).isPositive();
        assertThat(test.journal.status().dropped().get(DropReason.MEMORY)).isPositive();
        assertThat(test.journal.upkeep().dropped(BRIDGE)).isEmpty();
        assertThat(test.journal.upkeep().dropped(healthy)).isEmpty();
        assertThat(test.read(BRIDGE)).hasSize(100);

        for (long owner : owners) {
            long depth = test.log(owner).depth();
            assertThat(test.read(owner)).hasSize((int) depth);
            assertThat(depth + test.journal.upkeep().dropped(owner).getOrDefault(DropReason.MEMORY, 0L))
                    .isEqualTo(owner == healthy ? 0 : 100);
        }
        test.close();
    }

    @Test
    void memorySpent_isThereAgainWhenABacklogIsTaken() throws IOException {
        TestJournal test = new TestJournal(disk, new Budget("journal", 4_000));
        long[] owners = sessions(test, 500);
        int last = 0;
        while (taken(test, owners).length == owners.length) {
            append(test, last++, owners);
        }
        for (long owner : owners) {
            test.settle(owner, 0, test.log(owner).next());
        }
        assertThat(test.memory.bytes()).isZero();
        assertThat(taken(test, owners)).isEqualTo(owners);
        assertThat(test.journal.upkeep().dropped(owners[0])).isIn(Map.of(), Map.of(DropReason.MEMORY, 1L));
        test.close();
    }
}
