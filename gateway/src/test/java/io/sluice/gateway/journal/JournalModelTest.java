// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random histories of a journal, with power cuts, against {@link JournalModel}. */
final class JournalModelTest {

    private static final int OWNERS = 4;
    private static final SyncDelays DELAYS = new SyncDelays(Duration.ofMillis(20), Duration.ofMillis(100));

    @Test
    void histories_powerCutsAtAnyMoment_loseNothingThatWasForced() throws IOException {
        for (long seed = 1; seed <= 1_500; seed++) {
            run(seed, TestJournal.UNLIMITED, false);
        }
    }

    @Test
    void histories_fullJournal_loseOnlyWhatWasDropped() throws IOException {
        for (long seed = 1; seed <= 500; seed++) {
            long segments = 4 + seed % 5;
            run(seed, new JournalLimits(segments * 4_096, JournalLimits.WhenFull.DROP_OLDEST), false);
        }
    }

    /** Nothing is dropped here, so that room can only be made by moving states and rewriting segments. */
    @Test
    void histories_alwaysShortOfRoom_loseNothingThatWasForced() throws IOException {
        for (long seed = 1; seed <= 500; seed++) {
            run(seed, new JournalLimits(8_192, JournalLimits.WhenFull.REJECT), seed % 5 == 0);
        }
    }

    @Test
    void histories_failingWritesAndForces_loseNothingThatWasForced() throws IOException {
        for (long seed = 1; seed <= 100; seed++) {
            run(seed, TestJournal.UNLIMITED, true);
        }
    }

    /** Records wait for their receivers, and batches gather. */
    @Test
    void histories_delays_loseNothingThatWasSafe() throws IOException {
        for (long seed = 1; seed <= 1_500; seed++) {
            long segments = 4 + seed % 5;
            JournalLimits limits = seed % 3 == 0
                    ? new JournalLimits(segments * 4_096, JournalLimits.WhenFull.DROP_OLDEST)
                    : TestJournal.UNLIMITED;
            run(seed, limits, DELAYS, seed % 7 == 0);
        }
    }

    private static void run(long seed, JournalLimits limits, boolean faults) throws IOException {
        run(seed, limits, SyncDelays.NONE, faults);
    }

    private static void run(long seed, JournalLimits limits, SyncDelays delays, boolean faults) throws IOException {
        History history = new History(seed, limits, delays, faults);
        try {
            history.run();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        } finally {
            history.test.close();
        }
    }

    /** One history. */
    private static final class History {
        private final SplittableRandom random;
        private final JournalLimits limits;
        private final SyncDelays delays;
        private final boolean faults;
        private final JournalModel model = new JournalModel();
        private final long[] owners = {1, 2, 3, 4};
        private FaultDisk disk = new FaultDisk();
        private TestJournal test;
        private int texts;
        private long owner = OWNERS;

        History(long seed, JournalLimits limits, SyncDelays delays, boolean faults) throws IOException {
            this.random = new SplittableRandom(seed);
            this.limits = limits;
            this.delays = delays;
            this.faults = faults;
            open();
        }

        private void open() throws IOException {
            test = new TestJournal(disk, limits, delays);
            test.journal.upkeep().onDropped((dropped, from, to, count) -> settled(dropped, from, to));
        }

        void run() throws IOException {
            for (int life = 0; life < 4; life++) {
                for (int steps = random.nextInt(120); steps > 0; steps--) {
                    step();
                    assertThat(test.bugs).isEmpty();
                }
                crash();
            }
        }

        private void step() {
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3, 4, 5, 6 -> append();
                case 7 -> retain();
                case 8, 9 -> settleFirst();
                case 10 -> settleSome();
                case 11 -> release();
                case 12 -> receive();
                case 13 -> complete();
                case 14, 15, 16 -> test.executor.run();
                case 17 -> test.executor.advance(Duration.ofMillis(random.nextInt(60)));
                case 18 -> disk.holdForces();
                case 19 -> disk.releaseForces();
                case 20 -> forceAll();
                case 21 -> readOne();
                case 22 -> removeOwnerOrState();
                case 23 -> reclaimOrFail();
                default -> throw new IllegalStateException();
            }
            noteSendable();
        }

        private long anyOwner() {
            return owners[random.nextInt(OWNERS)];
        }

        private void append() {
            int many = random.nextInt(8) == 0 ? 20 : 1;
            for (int i = 0; i < many; i++) {
                long first = anyOwner();
                long second = anyOwner();
                boolean both = random.nextInt(3) == 0 && second != first;
                String text = (texts++) + "x".repeat(random.nextInt(200));
                long nextFirst = test.log(first).next();
                long nextSecond = test.log(second).next();
                long batch = append(text, both ? new long[] {first, second} : new long[] {first});
                model.outbox(first).deliveries.put(nextFirst, new JournalModel.Delivery(text, batch));
                if (both) {
                    model.outbox(second).deliveries.put(nextSecond, new JournalModel.Delivery(text, batch));
                }
            }
        }

        /** The receipt. */
        private long append(String text, long... to) {
            return delays.equals(SyncDelays.NONE) || random.nextInt(3) == 0
                    ? test.append(text, to)
                    : test.keep(text, to);
        }

        private void retain() {
            String topic = "retained/" + random.nextInt(5);
            String text = "state " + texts++;
            JournalModel.Value value = model.states.computeIfAbsent(topic, any -> new JournalModel.Value());
            value.number = test.retain(topic, text, value.number);
            value.set(test.journal.lastBatch(), text);
        }

        private void settleFirst() {
            long chosen = anyOwner();
            long floor = test.log(chosen).floor();
            settle(chosen, floor, Math.min(test.log(chosen).next(), floor + 1 + random.nextInt(12)));
        }

        private void settleSome() {
            long chosen = anyOwner();
            OutboxLog log = test.log(chosen);
            if (log.floor() < log.next()) {
                long from = random.nextLong(log.floor(), log.next());
                settle(chosen, from, Math.min(log.next(), from + 1 + random.nextInt(5)));
            }
        }

        private void settle(long chosen, long from, long to) {
            if (from < to) {
                test.settle(chosen, from, to);
                settled(chosen, from, to);
            }
        }

        private void settled(long chosen, long from, long to) {
            if (!model.outboxes.containsKey(chosen)) {
                return;
            }
            for (JournalModel.Delivery delivery :
                    model.outbox(chosen).deliveries.subMap(from, to).values()) {
                if (delivery.settledIn == JournalModel.NEVER) {
                    delivery.settledIn = JournalModel.UNKNOWN;
                }
            }
        }

        private void release() {
            long chosen = anyOwner();
            for (Map.Entry<Long, JournalModel.Delivery> entry :
                    model.outbox(chosen).deliveries.entrySet()) {
                JournalModel.Delivery delivery = entry.getValue();
                if (delivery.settledIn == JournalModel.NEVER
                        && delivery.releasedIn == JournalModel.NEVER
                        && delivery.batch >= 0) {
                    delivery.releasedIn = test.journal.released(test.log(chosen), entry.getKey());
                    return;
                }
            }
        }

        private void receive() {
            long chosen = anyOwner();
            int id = 1 + random.nextInt(20);
            long batch = test.journal.received(chosen, id);
            packetId(chosen, id).set(batch, "in");
        }

        private void complete() {
            long chosen = anyOwner();
            int id = 1 + random.nextInt(20);
            long batch = test.journal.completed(chosen, id);
            packetId(chosen, id).set(batch, "");
        }

        private JournalModel.Value packetId(long chosen, int id) {
            return model.outbox(chosen).received.computeIfAbsent(id, any -> new JournalModel.Value());
        }

        private void forceAll() {
            heal();
            long batch = test.mark();
            model.settledBy(batch);
            test.runUntilForced(batch);
        }

        private void heal() {
            disk.heal();
        }

        private void readOne() {
            heal();
            long chosen = anyOwner();
            SortedMap<Long, String> read = test.read(chosen, test.log(chosen).floor(), 1 + random.nextInt(9), 300);
            List<Long> expected = new ArrayList<>();
            model.outbox(chosen).deliveries.forEach((sequence, delivery) -> {
                if (delivery.settledIn == JournalModel.NEVER) {
                    expected.add(sequence);
                }
            });
            assertThat(read.keySet()).as("outbox %d", chosen).containsExactlyElementsOf(expected);
        }

        private void removeOwnerOrState() {
            String topic = "retained/" + random.nextInt(5);
            JournalModel.Value value = model.states.get(topic);
            if (value != null && value.number != 0 && random.nextBoolean()) {
                value.set(test.journal.remove(0, value.number), "");
                value.number = 0;
            } else if (random.nextInt(4) == 0) {
                int index = random.nextInt(OWNERS);
                model.outbox(owners[index]).removedIn = test.journal.remove(owners[index]);
                owners[index] = ++owner;
            }
        }

        private void reclaimOrFail() {
            if (!faults || random.nextInt(3) > 0) {
                test.reclaim();
            } else if (random.nextBoolean()) {
                disk.failWrites(1 + random.nextInt(4), 1 + random.nextInt(2));
            } else {
                disk.failForces(1 + random.nextInt(4), 1 + random.nextInt(2));
            }
        }

        private void noteSendable() {
            for (long each : owners) {
                OutboxLog log = test.log(each);
                JournalModel.Outbox outbox = model.outbox(each);
                long sequence = log.next() - 1;
                while (sequence >= outbox.sendable && !maySend(log, outbox, sequence)) {
                    sequence--;
                }
                outbox.sendable = Math.max(outbox.sendable, sequence + 1);
            }
        }

        private boolean maySend(OutboxLog log, JournalModel.Outbox outbox, long sequence) {
            JournalModel.Delivery delivery = outbox.deliveries.get(sequence);
            return test.journal.mayPrecedeForce(log, sequence)
                    || (delivery != null && delivery.batch >= 0 && test.journal.isForced(delivery.batch));
        }

        private void crash() throws IOException {
            FaultDisk after = disk.crash(random);
            Journal before = test.journal;
            test.close();
            disk = after;
            open();
            model.checkRecovered(test, test.journal.recovered(), before);
        }
    }
}
