// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A journal whose broker thread is the test's. */
final class TestJournal implements AutoCloseable {

    /** Small enough that a few dozen messages make several segments. */
    static final JournalFormat.Sizes SMALL = new JournalFormat.Sizes(4 << 10, 1 << 10, 0);

    static final JournalLimits UNLIMITED = new JournalLimits(Long.MAX_VALUE / 2, JournalLimits.WhenFull.DROP_OLDEST);
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    final Disk disk;
    final ManualExecutor executor = new ManualExecutor();
    final Loop loop = new Loop(executor);
    final ConcurrentLinkedQueue<Throwable> bugs = new ConcurrentLinkedQueue<>();
    /** What is charged with what it knows of each outbox in each segment. */
    final Budget memory;

    final Journal journal;
    private final JournalFormat.Sizes sizes;
    private final SyncDelays delays;
    private final Receivers receivers = new Receivers();

    TestJournal(Disk disk) throws IOException {
        this(disk, UNLIMITED, SMALL);
    }

    TestJournal(Disk disk, JournalLimits limits, JournalFormat.Sizes sizes) throws IOException {
        this(disk, limits, SyncDelays.NONE, sizes, System::nanoTime, MachineTime.of(() -> START));
    }

    TestJournal(Disk disk, JournalLimits limits, SyncDelays delays) throws IOException {
        this(disk, limits, delays, SMALL, System::nanoTime, MachineTime.of(() -> START));
    }

    TestJournal(Disk disk, JournalLimits limits, JournalFormat.Sizes sizes, LongSupplier nanos, MachineTime machine)
            throws IOException {
        this(disk, limits, SyncDelays.NONE, sizes, nanos, machine);
    }

    /** With so much memory for knowing where deliveries lie. */
    TestJournal(Disk disk, Budget memory) throws IOException {
        this(disk, UNLIMITED, memory, SyncDelays.NONE, SMALL, System::nanoTime, MachineTime.of(() -> START));
    }

    TestJournal(
            Disk disk,
            JournalLimits limits,
            SyncDelays delays,
            JournalFormat.Sizes sizes,
            LongSupplier nanos,
            MachineTime machine)
            throws IOException {
        this(disk, limits, new Budget("journal", Long.MAX_VALUE), delays, sizes, nanos, machine);
    }

    /** @param nanos the monotonic clock */
    private TestJournal(
            Disk disk,
            JournalLimits limits,
            Budget memory,
            SyncDelays delays,
            JournalFormat.Sizes sizes,
            LongSupplier nanos,
            MachineTime machine)
            throws IOException {
        this.disk = disk;
        this.sizes = sizes;
        this.memory = memory;
        this.delays = delays;
        executor.run();
        this.journal = new Journal(
                disk, loop, machine, nanos, Recovery.recover(disk, memory), limits, memory, delays, sizes, bugs::add);
        journal.start();
        executor.run();
    }

    /** Whether writing fails at the moment. */
    boolean isFailing() {
        return journal.status().trouble().isFailing();
    }

    static Message message(String text) {
        return Message.of(
                new TopicName("plant/7"),
                Qos.AT_LEAST_ONCE,
                false,
                MessageProperties.none(),
                Message.NEVER,
                START.toEpochMilli(),
                Payload.ofText(text));
    }

    OutboxLog log(long owner) {
        return journal.outbox(owner);
    }

    /** Appends a message for some owners; the batch. */
    long append(String text, long... owners) {
        return append(message(text), owners);
    }

    long append(Message message, long... owners) {
        receivers.clear();
        for (long owner : owners) {
            receivers.add(owner, journal.take(log(owner)), Qos.AT_LEAST_ONCE, false, List.of());
        }
        return journal.append(message, receivers, 0, 0, false, 0).batch();
    }

    /** Takes in a message that all its owners are expected to settle soon; the receipt. */
    long keep(String text, long... owners) {
        receivers.clear();
        for (long owner : owners) {
            OutboxLog log = log(owner);
            boolean soon = log.keepsUp();
            receivers.add(owner, journal.take(log), Qos.AT_LEAST_ONCE, false, List.of(), soon);
        }
        return journal.keep(message(text), receivers);
    }

    long retain(String topic, String text, long replaced) {
        receivers.clear();
        Message message = Message.of(
                new TopicName(topic),
                Qos.AT_LEAST_ONCE,
                true,
                MessageProperties.none(),
                Message.NEVER,
                START.toEpochMilli(),
                Payload.ofText(text));
        return journal.append(message, receivers, 0, 0, true, replaced).stateNumber();
    }

    void settle(long owner, long from, long to) {
        journal.settle(log(owner), from, to);
    }

    /** Waits until everything up to here, settles too, is forced. */
    void force() {
        runUntilForced(mark());
    }

    /** A batch that is told to be forced only when everything up to here is, settles too. */
    long mark() {
        return journal.completed(Long.MAX_VALUE, 1);
    }

    void runUntilForced(long batch) {
        journal.hurry();
        executor.runUntil(() -> journal.isForced(batch) || !bugs.isEmpty());
        executor.run();
    }

    /** Lets the journal look for segments that can be freed. */
    void reclaim() {
        executor.advance(Duration.ofSeconds(2));
    }

    /** What the outbox has unsettled, read from disk by small requests. */
    SortedMap<Long, String> read(long owner) {
        return read(owner, log(owner).floor(), 3, 1_000);
    }

    SortedMap<Long, String> read(long owner, long from, int countMax, long bytesMax) {
        OutboxLog log = log(owner);
        TailReader reader = new TailReader(this, log, from);
        while (reader.upTo < log.next()) {
            reader.request(countMax, bytesMax);
            journal.hurry();
            executor.runUntil(() -> !reader.tail.isBusy() || !bugs.isEmpty());
            if (!bugs.isEmpty()) {
                throw new AssertionError(bugs.peek());
            }
        }
        reader.found.keySet().removeIf(log::isSettled);
        return reader.found;
    }

    /** The journal as it is after its process has died and begun anew, on what the disk holds then. */
    TestJournal reopen(Disk then) throws IOException {
        close();
        return new TestJournal(
                then,
                journal.limits(),
                new Budget(memory.name(), memory.bytesMax()),
                delays,
                sizes,
                System::nanoTime,
                MachineTime.of(() -> START));
    }

    /** Ends the journal in good order and opens it again. */
    TestJournal restart() throws IOException {
        boolean[] done = {false};
        journal.finish(() -> done[0] = true);
        executor.runUntil(() -> done[0]);
        return reopen(disk);
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }

    /** Takes what an outbox's tail gives. */
    static final class TailReader implements OutboxTail.Sink {
        final TreeMap<Long, String> found = new TreeMap<>();
        final OutboxTail tail;
        long upTo;

        @Nullable
        Long last;

        TailReader(TestJournal test, OutboxLog log, long from) {
            tail = new OutboxTail(test.journal, log, this);
            tail.restart(from);
            upTo = from;
        }

        void request(int countMax, long bytesMax) {
            tail.request(countMax, bytesMax);
        }

        @Override
        public void delivery(
                long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, long batch) {
            if (last != null && sequence <= last) {
                throw new AssertionError("sequence " + sequence + " after " + last);
            }
            last = sequence;
            found.put(sequence, message.payload().text());
        }

        @Override
        public void atEnd() {}

        @Override
        public void read(long everythingBelow) {
            upTo = everythingBelow;
        }
    }
}
