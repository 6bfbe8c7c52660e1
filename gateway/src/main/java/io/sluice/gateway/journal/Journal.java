// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.util.BitSet;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The journal on the broker thread. Appending gives the number of the batch in which the record will be; whoever must not speak
 * before it is safe asks {@link #isForced} or waits with {@link #whenForced}. While one batch is being forced, the next one gathers,
 * so that load makes batches bigger and latency no longer.
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
    private final Appender appender;
    private final Deferrals deferrals;
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
            Budget memory,
            SyncDelays delays,
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
        this.writer = new JournalWriter(disk, found, sizes, news);
        JournalSpace space = new JournalSpace(state, limits, sizes, writer::leave);
        this.commit = new GroupCommit(loop, clock, found, space, writer, sizes, delays.outage());
        this.appender = new Appender(commit, state);
        this.deferrals = new Deferrals(loop, state, commit, appender, delays.settle());
        news.onWritten(commit::written);
        Compaction compaction = new Compaction(disk, found.journalId(), state, space, commit, reader);
        this.upkeep = new JournalUpkeep(loop, clock, limits, memory, state, commit, space, compaction);
    }

    /**
     * Opens the journal in a directory, reading what is there.
     *
     * @param machine the machine's clocks
     * @param memory what is charged with what must be known of each outbox in each segment
     * @param onBug told of a bug on one of the journal's threads, which ends it; from any thread
     * @throws IOException if the directory cannot be used or holds a newer format
     */
    public static Journal open(
            Disk disk,
            Loop loop,
            MachineTime machine,
            JournalLimits limits,
            Budget memory,
            SyncDelays delays,
            Consumer<Throwable> onBug)
            throws IOException {
        return new Journal(
                disk,
                loop,
                machine,
                System::nanoTime,
                Recovery.recover(disk, memory),
                limits,
                memory,
                delays,
                JournalFormat.SIZES,
                onBug);
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
        if (log.needsReservation(commit.forcedBatch())) {
            appender.reserved(log);
        }
        if (log.awaitsReservation()) {
            commit.hurry(log.reservedBatch());
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
        deferrals.writeBefore(receivers);
        upkeep.took(message);
        commit.gather(); // first, because a state's number belongs to the segment in which it will be
        long replaced = state.leave(known);
        long retainedNumber = retain ? state.takeState() : 0;
        Batch batch = appender.message(message, receivers, receivedFrom, packetId, retainedNumber, replaced);
        return new Appended(appended(batch), retainedNumber);
    }

    /** The batch's number; one that is large enough takes nothing more. */
    private long appended(Batch batch) {
        commit.appended(batch);
        return batch.number();
    }

    /**
     * Has a message kept for receivers of whom nobody must see it durable before it is sent. It is not written at all if they settle
     * it soon.
     *
     * @return the receipt, with which {@link #isSafe} tells whether the message may be acknowledged
     */
    public long keep(Message message, Receivers receivers) {
        if (!quarantine.isAlert() && deferrals.mayDefer(message, receivers)) {
            upkeep.took(message);
            return -deferrals.defer(message, receivers);
        }
        return append(message, receivers, 0, 0, false, 0).batch();
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
        deferrals.writeAll(); // what it says may rest on a message, such as a will's
        commit.gather(); // first, because a state's number belongs to the segment in which it will be
        long number = state.takeState();
        return new Appended(appended(appender.state(value, number, state.leave(known))), number);
    }

    /**
     * Removes states and, unless it is 0, everything of an owner.
     *
     * @return the batch in which that stands
     */
    public long remove(long owner, long... known) {
        if (owner != 0) {
            deferrals.write(state.outbox(owner)); // else others would wait for what only this batch says
            upkeep.drops().forget(owner);
        }
        return appended(appender.removed(owner, known));
    }

    /** A QoS 2 packet identifier came in with a message that nobody must have durably; the batch. */
    public long received(long owner, int packetId) {
        return appended(appender.received(owner, packetId));
    }

    /** PUBREL came in for a QoS 2 packet identifier; the batch. */
    public long completed(long owner, int packetId) {
        return appended(appender.completed(owner, packetId));
    }

    /** PUBREC came for a delivery; the batch after which PUBREL may go out. */
    public long released(OutboxLog log, long sequence) {
        return appended(appender.released(log, sequence));
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

    /** Whether what was given this receipt may be acknowledged: it is forced, or all who must have it have settled it. */
    public boolean isSafe(long receipt) {
        return receipt < 0 ? deferrals.isSafe(-receipt) : isForced(receipt);
    }

    /** Runs the task on the broker thread when {@link #isSafe} is true, not before this returns. */
    public void whenSafe(long receipt, Runnable task) {
        if (receipt < 0) {
            deferrals.whenSafe(-receipt, task);
        } else {
            commit.whenForced(receipt, task);
        }
    }

    /** Somebody can do nothing until what was taken in is safe: it is written without further delay. */
    public void hurry() {
        deferrals.writeAll();
        commit.hurry();
    }

    /** Makes everything safe that was taken in, without further delay, and runs the task then; at once if there is nothing. */
    public void catchUp(Runnable done) {
        deferrals.writeAll();
        commit.catchUp(done);
    }

    /** An outbox has deliveries that will not be settled soon: what waits for that is written with the next batch. */
    public void writeDeferred(OutboxLog log) {
        deferrals.write(log);
    }

    /** Runs the task on the broker thread when the batch is safe: not before this returns, and in the order of the calls. */
    public void whenForced(long batch, Runnable task) {
        commit.whenForced(batch, task);
    }

    /** Runs the task once, on the broker thread, when more has been written, so that a reader may find what it did not find. */
    public void whenWritten(Runnable task) {
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

    /** Bytes taken in that are not safe yet. */
    public long bytesNotForced() {
        return commit.bytesNotForced() + deferrals.bytes();
    }

    /** What could not be read when the journal was opened. */
    public JournalDamage damage() {
        return damage;
    }

    /** Whether nothing can be taken in that must be written, because the disk is full or fails. */
    public boolean isBlocked() {
        return news.trouble().blocks();
    }

    /** Whether not even what makes room can be written, and who waits for that may wait for long. */
    public boolean isStuck() {
        return news.trouble().isStuck();
    }

    /** Told when {@link #isStuck} becomes true. */
    public void onStuck(Runnable task) {
        news.onStuck(task);
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
    public boolean isTooOld(Message message) {
        return limits.isTooOld(message.receivedAt(), clock::now);
    }

    /** Counts deliveries that the caller has dropped for a reason. */
    public void dropped(OutboxLog log, DropReason reason, long count) {
        upkeep.drops().count(log, reason, count);
    }

    /** How it is, for people and tools. */
    public JournalStatus status() {
        return upkeep.status(writer, news.trouble(), damage);
    }

    public JournalLimits limits() {
        return limits;
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
        catchUp(done);
    }
}
