// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The journal on the broker thread. Appending gives the number of the batch in which the record will be; whoever must not speak
 * before it is safe asks {@link #isForced} or waits with {@link #whenForced}. While one batch is being forced, the next one gathers,
 * so that load makes batches bigger and latency no longer.
 *
 * <p>Everything here belongs to the broker thread.
 */
public final class Journal implements AutoCloseable {

    private final Disk disk;
    private final Loop loop;
    private final JournalClock clock;
    private final JournalState state;
    private final JournalWriter writer;
    private final JournalReader reader;
    private final JournalLimits limits;
    private final GroupCommit commit;
    private final JournalUpkeep upkeep;
    private NavigableMap<Long, DurableState> recovered;
    private final JournalDamage damage;
    private final WriterNews news;
    private final Quarantine quarantine;

    Journal(
            Disk disk,
            Loop loop,
            MachineTime machine,
            LongSupplier nanos,
            Recovery.Found found,
            JournalLimits limits,
            JournalFormat.Sizes sizes,
            Consumer<Throwable> onBug) {
        this.disk = disk;
        this.loop = loop;
        this.limits = limits;
        this.clock = new JournalClock(found.lastTime(), found.note(), machine, nanos);
        this.state = found.state();
        this.recovered = found.contents();
        recovered.values().forEach(state::outboxOf);
        this.quarantine = new Quarantine(disk, this, recovered.values());
        this.damage = found.damage();
        this.reader = new JournalReader(disk, loop, onBug);
        this.news = new WriterNews(loop, reader, onBug);
        this.writer = new JournalWriter(disk, found, news);
        JournalSpace space = new JournalSpace(state, limits, sizes, writer::leave);
        this.commit = new GroupCommit(loop, clock, found, space, writer, sizes, this::makeRoom);
        news.onWritten(commit::written);
        Compaction compaction = new Compaction(disk, found.journalId(), state, space, commit, reader);
        this.upkeep = new JournalUpkeep(loop, clock, limits, state, commit, space, compaction);
    }

    /**
     * Opens the journal in a directory, reading what is there.
     *
     * @param machine the machine's clocks
     * @param onBug told of a bug on one of the journal's threads, which ends it; from any thread
     * @throws IOException if the directory cannot be used or holds a newer format
     */
    public static Journal open(
            Disk disk, Loop loop, MachineTime machine, JournalLimits limits, Consumer<Throwable> onBug)
            throws IOException {
        return new Journal(
                disk, loop, machine, System::nanoTime, Recovery.recover(disk), limits, JournalFormat.SIZES, onBug);
    }

    /** Begins to work; on the broker thread, once. */
    public void start() {
        loop.assertHere();
        writer.start();
        reader.start();
        upkeep.start();
    }

    /**
     * The states that were live when the journal was opened, by their numbers, in the order in which they were written. The journal
     * keeps no copy of what it gives: a second call gives nothing.
     */
    public NavigableMap<Long, DurableState> recovered() {
        NavigableMap<Long, DurableState> given = recovered;
        recovered = new TreeMap<>();
        return given;
    }

    public JournalClock clock() {
        return clock;
    }

    /** For each owner the QoS 2 packet identifiers that came in and were not released; to be copied when kept. */
    public BitSet received(long owner) {
        BitSet ids = state.received().get(owner);
        return ids == null ? new BitSet() : (BitSet) ids.clone();
    }

    /** A number for a new session or bridge outbox, never used before. */
    public long newOwner() {
        return state.takeOwner();
    }

    /** The log of an owner's outbox. */
    public OutboxLog outbox(long owner) {
        return state.outbox(owner);
    }

    /** What is done beside appending to keep the journal within its limits. */
    public JournalUpkeep upkeep() {
        return upkeep;
    }

    /**
     * Gives a delivery its sequence. The record that carries it follows in the same turn, and records follow in the order of the
     * sequences.
     */
    public long take(OutboxLog log) {
        if (log.needsReservation()) {
            Batch batch = commit.gather();
            long bound = log.next() + 2 * OutboxLog.RESERVED_BLOCK;
            batch.records().reserved(log.owner(), bound);
            batch.mustForce();
            log.reserve(bound, batch.number());
        }
        return log.take();
    }

    /** The number of the last batch that was begun. */
    public long lastBatch() {
        return commit.lastBatch();
    }

    /** The number of the batch into which the next record goes. */
    public long openBatch() {
        return commit.gather().number();
    }

    /** Whether a delivery may be sent before its record is forced: no restart can give its sequence to another message. */
    public boolean mayPrecedeForce(OutboxLog log, long sequence) {
        return log.isReserved(sequence, commit.forcedBatch());
    }

    /**
     * Appends a message for its receivers.
     *
     * @param receivedFrom the durable session from which it came with QoS 2, or 0
     * @param retain whether it becomes the retained message of its topic
     * @param known the number of the retained message that it replaces, or 0
     */
    public Appended append(
            Message message, Receivers receivers, long receivedFrom, int packetId, boolean retain, long known) {
        Batch batch = commit.gather();
        long replaced = state.leave(known);
        long retainedNumber = retain ? state.takeState() : 0;
        batch.records().message(message, batch.time(), receivers, receivedFrom, packetId, retainedNumber, replaced);
        batch.mustForce();
        Segment segment = batch.place().segment();
        for (int i = 0; i < receivers.count(); i++) {
            state.outbox(receivers.owner(i)).delivered(receivers.sequence(i), segment);
        }
        upkeep.took(message);
        if (receivedFrom != 0) {
            state.received(receivedFrom, packetId);
        }
        if (retain) {
            state.stated(retainedNumber, replaced, segment, batch.place().offset(), batch.number());
        } else if (replaced != 0) {
            state.dead(replaced, batch.number());
        }
        commit.appended(batch);
        return new Appended(batch.number(), retainedNumber);
    }

    /** Settles a delivery in the batch of the next record, so that a crash leaves both or neither. */
    public void settleWithNext(OutboxLog log, long sequence) {
        commit.settledNow(log, sequence);
    }

    /**
     * @param batch the batch in which the record is
     * @param stateNumber the number of the state that it makes, or 0
     */
    public record Appended(long batch, long stateNumber) {}

    /** Writes a state in the place of another one, whose number is given, or 0. */
    public Appended put(DurableState value, long known) {
        Batch batch = commit.gather();
        long replaced = state.leave(known);
        long number = state.takeState();
        state.outboxOf(value);
        batch.records().state(number, replaced, value);
        batch.mustForce();
        Batch.Place place = batch.place();
        state.stated(number, replaced, place.segment(), place.offset(), batch.number());
        commit.appended(batch);
        return new Appended(batch.number(), number);
    }

    /**
     * Removes states and, unless it is 0, everything of an owner.
     *
     * @return the batch in which that stands
     */
    public long remove(long owner, long... known) {
        Batch batch = commit.gather();
        long[] numbers = Arrays.stream(known).map(state::leave).toArray();
        batch.records().removed(owner, numbers);
        batch.mustForce();
        for (long number : numbers) {
            state.dead(number, batch.number());
        }
        if (owner != 0) {
            commit.forgetSettles(owner);
            upkeep.drops().forget(owner);
            state.removeOwner(owner, batch.number());
        }
        commit.appended(batch);
        return batch.number();
    }

    /** A QoS 2 packet identifier came in with a message that nobody must have durably; the batch. */
    public long received(long owner, int packetId) {
        Batch batch = commit.gather();
        batch.records().received(owner, packetId);
        batch.mustForce();
        state.received(owner, packetId);
        commit.appended(batch);
        return batch.number();
    }

    /** PUBREL came in for a QoS 2 packet identifier; the batch. */
    public long completed(long owner, int packetId) {
        Batch batch = commit.gather();
        batch.records().completed(owner, packetId);
        batch.mustForce();
        state.completed(owner, packetId);
        commit.appended(batch);
        return batch.number();
    }

    /** PUBREC came for a delivery; the batch after which PUBREL may go out. */
    public long released(OutboxLog log, long sequence) {
        Batch batch = commit.gather();
        batch.records().released(log.owner(), sequence);
        batch.mustForce();
        log.released().add(sequence);
        commit.appended(batch);
        return batch.number();
    }

    /**
     * Settles deliveries. Written with the next batch and not forced for itself: losing it only repeats a delivery.
     *
     * @param to exclusive
     * @return how many were not settled before
     */
    public long settle(OutboxLog log, long from, long to) {
        if (log.isRemoved()) {
            return 0;
        }
        return commit.settle(log, from, to);
    }

    /** Whether everything up to the batch is safe. */
    public boolean isForced(long batch) {
        return batch <= commit.forcedBatch();
    }

    /** Runs the task on the broker thread when the batch is safe: not before this returns, and in the order of the calls. */
    public void whenForced(long batch, Runnable task) {
        commit.whenForced(batch, task);
    }

    /** Runs the task once, on the broker thread, when more has been written, so that a reader may find what it did not find. */
    void whenWritten(Runnable task) {
        commit.whenWritten(task);
    }

    Loop loop() {
        return loop;
    }

    /** What is handed out to nobody, because it ends the process. */
    public Quarantine quarantine() {
        return quarantine;
    }

    JournalReader reader() {
        return reader;
    }

    @Nullable
    Segment segment(long number) {
        return state.segments().get(number);
    }

    /** Bytes taken in that are not forced yet. */
    public long bytesNotForced() {
        return commit.bytesNotForced();
    }

    /** What could not be read when the journal was opened. */
    public JournalDamage damage() {
        return damage;
    }

    /** Whether writing fails at the moment. */
    public boolean isFailing() {
        return news.trouble().isFailing();
    }

    /** Whether nothing can be taken in that must be written, because the disk is full or fails. */
    public boolean isBlocked() {
        return news.trouble().blocks();
    }

    /** Why a new delivery is not taken into an outbox, or null. */
    public @Nullable DropReason refusal(OutboxLog log) {
        return news.trouble().blocks() ? DropReason.DISK : upkeep.refusal(log);
    }

    /** Whether new messages are to be refused or dropped instead of written, by the limit on disk space. */
    public boolean isFull() {
        return upkeep.isFull();
    }

    /** Whether a delivery is too old to be handed out; it is then to be settled as {@link #dropped}. */
    public boolean isTooOld(Message message, long now) {
        return limits.isTooOld(message.receivedAt(), now);
    }

    /** Counts deliveries that the caller has dropped for a reason. */
    public void dropped(OutboxLog log, DropReason reason, long count) {
        upkeep.drops().count(log, reason, count);
    }

    /** How it is, for people and tools. */
    public JournalStatus status() {
        return new JournalStatus(
                upkeep.bytes(),
                limits.bytesMax(),
                upkeep.segments(),
                upkeep.messageBytes(),
                writer.bytesWritten(),
                writer.forces(),
                upkeep.compaction().moved(),
                upkeep.compaction().rewritten(),
                upkeep.isFull(),
                news.trouble(),
                damage,
                upkeep.drops().byReason());
    }

    public JournalLimits limits() {
        return limits;
    }

    private void makeRoom() {
        upkeep.keepLimits();
    }

    /**
     * Ends the journal's threads, as soon as what was handed to them is written or fails, and lets the directory go; what has only
     * gathered is lost unless {@link #finish} came first. Nothing may be appended any more.
     */
    @Override
    public void close() throws IOException {
        reader.close();
        writer.close();
        disk.close();
    }

    /** Takes nothing in any more and runs the task when everything is safe. On the broker thread. */
    public void finish(Runnable done) {
        upkeep.stop();
        commit.finish(done);
    }

    /** The deepest outboxes first, for people and tools. */
    public List<OutboxLog> outboxes() {
        OutboxLog[] logs = state.outboxes().values().toArray(new OutboxLog[0]);
        Arrays.sort(logs, (a, b) -> Long.compare(b.depth(), a.depth()));
        return List.of(logs);
    }
}
