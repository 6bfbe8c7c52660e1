// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Batches on their way to the journal thread: one gathers records while the ones before it are being written and forced, and at
 * least for the delay unless somebody is in a hurry. Decides where each frame goes, and rolls to the next segment between two
 * batches. Lives on the broker thread.
 */
final class GroupCommit {

    /**
     * Batches that the writer gets at once, and that are kept to be used again. With more, the one side would wait for the other's
     * long write, and then the other for the one.
     */
    private static final int HANDOVER_MAX = 8;

    /** So many full batches gather no longer: whoever still waits for an answer may have nothing more to send. */
    private static final int FULL_BATCHES = 2;

    private final Loop loop;
    private final JournalClock clock;
    private final JournalState state;
    private final JournalSpace space;
    private final JournalWriter writer;
    private final JournalFormat.Sizes sizes;
    private final Duration delay;

    private final Queue<Batch> spare = new ArrayDeque<>();
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final PendingSettles settles = new PendingSettles();
    private final List<Runnable> onWritten = new ArrayList<>();
    private final List<Batch> closed = new ArrayList<>();
    private long closedBytes;
    private @Nullable Batch gathering;
    private Segment active;
    private long nextBatch;
    private long handedOver;
    private long forcedBatch;
    private long bytesNotForced;
    private boolean writing;
    private boolean commitDue;
    /** Whether what gathers is to gather no longer. */
    private boolean hurried;

    private Loop.@Nullable Timer gathered;
    private Runnable onRoll = () -> {};
    /** The first batch of a start says how the clocks stand. */
    private boolean noteDue = true;

    private record Waiting(long batch, Runnable task) {}

    /**
     * @param found what the journal begins with
     * @param delay how long a batch gathers; with none, no longer than the one before is being forced
     */
    GroupCommit(
            Loop loop,
            JournalClock clock,
            Recovery.Found found,
            JournalSpace space,
            JournalWriter writer,
            JournalFormat.Sizes sizes,
            Duration delay) {
        this.loop = loop;
        this.clock = clock;
        this.state = found.state();
        this.space = space;
        this.writer = writer;
        this.sizes = sizes;
        this.delay = delay;
        this.forcedBatch = found.lastBatch();
        this.nextBatch = found.lastBatch() + 1;
        this.active = found.active() == null ? newSegment() : found.active();
    }

    /** Runs the task at the end of each turn in which a segment was sealed. */
    void onRoll(Runnable task) {
        onRoll = task;
    }

    /** The batch that takes records. */
    Batch gather() {
        Batch batch = gathering;
        if (batch != null) {
            return batch;
        }
        if (active.bytes() >= sizes.segmentBytes() - sizes.batchBytes()) {
            roll();
        }
        batch = spare.isEmpty() ? new Batch() : spare.remove();
        batch.begin(nextBatch++, clock.now());
        batch.place(new Batch.Place(active, active.bytes(), false));
        gathering = batch;
        if (active.bytes() == JournalFormat.HEADER_BYTES || noteDue) {
            noteDue = false;
            batch.records().noted(clock.note()); // first in each segment, so that it is found whatever was freed before
        }
        commitSoon();
        return batch;
    }

    /** The segment into which the next batch goes, unless it is full. */
    Segment active() {
        return active;
    }

    /** Has the next batch say how the clocks stand, because something has become known. */
    void noteSoon() {
        noteDue = true;
    }

    /** The number of the last batch that was begun. */
    long lastBatch() {
        return nextBatch - 1;
    }

    /** A record was added; a batch that is large enough gathers no more. */
    void appended(Batch batch) {
        if (batch.records().length() >= sizes.batchBytes()) {
            close(batch);
            commitSoon();
        }
    }

    /**
     * Settles a run, which goes out with the next batch, whoever makes it; how many were not settled before. What was never written
     * is settled without a word.
     */
    long settle(OutboxLog log, long from, long to) {
        long neverWritten = log.deferred().settle(from, to);
        long added = log.settle(from, to);
        if (added > neverWritten) {
            settles.add(log.owner(), from, to);
            commitSoon();
        }
        return added;
    }

    /** Has everything that is settled by now written; the batch after which it is safe. */
    long forceSettles() {
        Batch batch = gather();
        settles.drainTo(batch.records());
        batch.mustForce();
        return batch.number();
    }

    /** A settled sequence goes out with what this batch takes next. */
    void settledNow(OutboxLog log, long sequence) {
        long neverWritten = log.deferred().settle(sequence, sequence + 1);
        if (!log.isRemoved() && log.settle(sequence, sequence + 1) > neverWritten) {
            gather().records().settled(log.owner(), sequence, sequence + 1);
        }
    }

    void forgetSettles(long owner) {
        settles.forget(owner);
    }

    private void close(Batch batch) {
        batch.place().segment().take(batch.frameBytes());
        batch.place().segment().holds(batch.time());
        space.took(batch.frameBytes());
        bytesNotForced += batch.records().length();
        closed.add(batch);
        closedBytes += batch.records().length();
        gathering = null;
    }

    /** Seals the active segment with its footer and begins the next one; between two batches. */
    private void roll() {
        Batch footer = spare.isEmpty() ? new Batch() : spare.remove();
        footer.begin(nextBatch - 1, clock.now());
        footer.place(new Batch.Place(active, active.bytes(), true));
        state.outboxes().values().forEach(log -> log.sealing(active));
        Snapshot.write(state, active, footer.records());
        active.seal();
        close(footer);
        active = newSegment();
        loop.atTurnEnd(onRoll); // not now: what it does may append
    }

    private Segment newSegment() {
        Segment segment =
                new Segment(state.nextSegment(), ThreadLocalRandom.current().nextInt(), state.nextState());
        state.add(segment);
        space.took(JournalFormat.HEADER_BYTES);
        return segment;
    }

    /** Lets what has gathered gather no longer: it is written at the end of this turn, or when the writer is done. */
    void hurry() {
        if (gathering != null || !settles.isEmpty() || !closed.isEmpty()) {
            hurried = true;
            commitSoon();
        }
    }

    /** The same for one batch, unless the writer has it already. */
    void hurry(long batch) {
        if (batch > handedOver) {
            hurry();
        }
    }

    private boolean isDue() {
        return hurried || delay.isZero() || closedBytes >= FULL_BATCHES * (long) sizes.batchBytes();
    }

    private void commitSoon() {
        if (!isDue()) {
            if (gathered == null) {
                gathered = loop.schedule(delay, () -> {
                    gathered = null;
                    hurry();
                });
            }
        } else if (!commitDue) {
            commitDue = true;
            loop.atTurnEnd(this::commit);
        }
    }

    private void commit() {
        commitDue = false;
        if (writing) {
            return; // what gathers meanwhile goes out when the writer is done
        }
        if (gathered != null) {
            gathered.cancel();
            gathered = null;
        }
        if (!settles.isEmpty()) {
            settles.drainTo(gather().records());
        }
        if (gathering != null) {
            close(gathering);
        }
        hurried = hurried && closed.size() > HANDOVER_MAX;
        if (!closed.isEmpty()) {
            writing = true;
            List<Batch> next = closed.subList(0, Math.min(HANDOVER_MAX, closed.size()));
            List<Batch> handover = List.copyOf(next);
            next.clear();
            handedOver = handover.getLast().number();
            closedBytes -= handover.stream()
                    .mapToLong(batch -> batch.records().length())
                    .sum();
            writer.write(handover);
        }
    }

    /** What the writer has to say, as {@link JournalWriter.Events#written} draws it. */
    void written(long forced, List<Batch> batches, List<Batch> reusable) {
        writing = false;
        forcedBatch = Math.max(forcedBatch, forced);
        for (Batch batch : batches) {
            batch.place().segment().written(batch.place().offset() + batch.frameBytes());
            bytesNotForced -= batch.records().length();
        }
        for (Batch batch : reusable) {
            if (spare.size() < HANDOVER_MAX && batch.records().array().length <= 4 * sizes.batchBytes()) {
                spare.add(batch);
            }
        }
        runWaiting();
        List<Runnable> tasks = List.copyOf(onWritten);
        onWritten.clear();
        tasks.forEach(Runnable::run);
        if (gathering != null || !settles.isEmpty() || !closed.isEmpty()) {
            commitSoon();
        }
    }

    long forcedBatch() {
        return forcedBatch;
    }

    long bytesNotForced() {
        return bytesNotForced + (gathering == null ? 0 : gathering.records().length());
    }

    void whenForced(long batch, Runnable task) {
        waiting.add(new Waiting(batch, task));
        if (batch <= forcedBatch) {
            loop.atTurnEnd(this::runWaiting);
        }
    }

    void whenWritten(Runnable task) {
        onWritten.add(task);
    }

    private void runWaiting() {
        for (int left = waiting.size(); left > 0; left--) {
            Waiting head = waiting.element();
            if (head.batch() > forcedBatch) {
                return;
            }
            waiting.remove();
            head.task().run();
        }
    }

    /** Forces everything that was appended or settled without delay, and runs the task then; at once if there is nothing. */
    void catchUp(Runnable done) {
        if (settles.isEmpty() && gathering == null && closed.isEmpty() && !writing) {
            done.run();
            return;
        }
        Batch batch = gather();
        batch.mustForce();
        whenForced(batch.number(), done);
        hurry();
    }
}
