// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.client.Packets;
import io.sluice.gateway.memory.Budget;
import io.sluice.topic.Qos;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeliveryQueueTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void queue_anySteps_isASortedMapWithAPlaceInIt(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DeliveryQueue queue = queue(50, 1 << 20);
        TreeMap<Long, Delivery> model = new TreeMap<>();
        TreeSet<Long> out = new TreeSet<>();
        long next = 0;
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (queue.hasRoom()) {
                        next += 1 + (random.nextInt(10) == 0 ? random.nextInt(5) : 0);
                        Delivery delivery = delivery(next);
                        queue.add(delivery, next / 3);
                        model.put(next, delivery);
                    }
                }
                case 2 -> {
                    while (queue.hasNext() && queue.peek() == null) {
                        queue.skip();
                    }
                    if (queue.hasNext()) {
                        long sequence = queue.peekSequence();
                        assertThat(model).as("seed %d, step %d", seed, step).containsKey(sequence);
                        assertThat(out.isEmpty() || sequence > out.last()).isTrue();
                        out.add(sequence);
                        queue.skip();
                    }
                }
                case 3, 4 -> {
                    long sequence = model.isEmpty() ? 7 : model.firstKey() + random.nextInt(8);
                    assertThat(queue.handedOut(sequence))
                            .as("seed %d, step %d", seed, step)
                            .isSameAs(out.contains(sequence) ? model.get(sequence) : null);
                    queue.remove(sequence);
                    model.remove(sequence);
                    out.remove(sequence);
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        queue.rewind();
                        out.clear();
                    } else if (random.nextInt(20) == 0 && next > 5) {
                        queue.removeWaiting(next - 5, next);
                        model.keySet().removeIf(sequence -> sequenceIsWaiting(sequence, out));
                        assertThat(queue.count()).isGreaterThanOrEqualTo(model.size());
                        model.clear();
                        out.clear();
                        queue.clear();
                    }
                }
            }
            assertThat(queue.count()).as("seed %d, step %d", seed, step).isEqualTo(model.size());
            assertThat(queue.underWay()).as("seed %d, step %d", seed, step).isEqualTo(out.size());
        }
    }

    private static boolean sequenceIsWaiting(long sequence, TreeSet<Long> out) {
        return !out.contains(sequence);
    }

    @Test
    void removeWaiting_leavesWhatWasHandedOut() {
        DeliveryQueue queue = queue(10, 1 << 20);
        for (long sequence = 0; sequence < 4; sequence++) {
            queue.add(delivery(sequence), 0);
        }
        queue.skip();

        queue.removeWaiting(0, 3);

        assertThat(queue.handedOut(0)).isNotNull();
        assertThat(queue.count()).isEqualTo(2);
        assertThat(queue.peek()).isNull();
        queue.skip();
        queue.skip();
        assertThat(queue.peekSequence()).isEqualTo(3);
    }

    @Test
    void room_isWhatIsUnsettledAndNotTheSpan() {
        DeliveryQueue queue = queue(3, 1 << 20);
        for (long sequence = 0; sequence < 1_000; sequence++) {
            assertThat(queue.hasRoom()).isTrue();
            queue.add(delivery(sequence), 0);
            queue.skip();
            if (sequence > 0) {
                queue.remove(sequence);
            }
        }
        queue.add(delivery(1_000), 0);
        queue.add(delivery(1_001), 0);
        assertThat(queue.hasRoom()).isFalse();
    }

    @Test
    void room_byBytes_letsOneInWhateverItsSize() {
        DeliveryQueue queue = queue(100, 10);
        assertThat(queue.hasRoom()).isTrue();
        queue.add(delivery(0), 0);
        assertThat(queue.hasRoom()).isFalse();
        queue.remove(0);
        assertThat(queue.hasRoom()).isTrue();
    }

    private static DeliveryQueue queue(int countMax, long bytesMax) {
        OutboxMemory memory = new OutboxMemory(countMax, bytesMax, new Budget("outboxes", 1 << 20));
        return new DeliveryQueue(memory, () -> {});
    }

    private static Delivery delivery(long sequence) {
        return new Delivery(
                sequence, Packets.message("a", "x", Qos.AT_LEAST_ONCE), Qos.AT_LEAST_ONCE, false, List.of(), false);
    }
}
