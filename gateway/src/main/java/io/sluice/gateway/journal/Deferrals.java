// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Messages whose records wait a while, because all who must have them are about to settle them: what is settled in time is never
 * written. Records go into a batch in the order of their messages, each with all that came before it, so that the records of an
 * outbox keep the order of its sequences. Lives on the broker thread.
 */
final class Deferrals {

    /** Records that wait, or went into a batch after one that did; beyond that nothing is deferred. */
    private static final int COUNT_MAX = 8_192;

    /** Bytes of messages that wait; beyond that nothing is deferred. */
    private static final long BYTES_MAX = 4 << 20;

    /** Age is told in steps: a record waits between seven and eight eighths of the delay. */
    private static final int STEPS = 8;

    private final Loop loop;
    private final JournalState state;
    private final GroupCommit commit;
    private final Appender appender;
    private final Duration step;

    /** The records from {@link #first} up to {@link #next}, by number; the numbers below are safe. */
    private @Nullable Deferred[] records = new Deferred[16];

    private long first = 1;
    private long next = 1;
    /** Records with this number or a higher one are in no batch. */
    private long firstInNoBatch = 1;

    private long bytes;
    /** The numbers that came next at the last steps. */
    private final Queue<Long> steps = new ArrayDeque<>();

    private boolean stepping;

    /** @param delay how long a record may wait; with none, nothing is deferred */
    Deferrals(Loop loop, JournalState state, GroupCommit commit, Appender appender, Duration delay) {
        this.loop = loop;
        this.state = state;
        this.commit = commit;
        this.appender = appender;
        this.step = delay.dividedBy(STEPS);
    }

    /** Whether the message's record may wait: its receivers all settle soon, and there is room. */
    boolean mayDefer(Message message, Receivers receivers) {
        if (step.isZero() || !receivers.settleSoon() || bytes + message.bytes().length > BYTES_MAX) {
            return false;
        }
        for (int i = 0; i < receivers.count(); i++) {
            if (!state.outbox(receivers.owner(i)).keepsUp()) {
                return false; // since it was asked
            }
        }
        forgetSafe();
        return next - first < COUNT_MAX;
    }

    /** Has the record wait; the number to ask for it. */
    long defer(Message message, Receivers receivers) {
        long number = next++;
        Deferred record = new Deferred(this, number, message, receivers);
        if (next - first > records.length) {
            grow();
        }
        records[index(number)] = record;
        bytes += record.bytes();
        for (int i = 0; i < receivers.count(); i++) {
            state.outbox(receivers.owner(i)).deferred().add(receivers.sequence(i), record);
        }
        if (!stepping) {
            stepping = true;
            loop.schedule(step, this::step);
        }
        return number;
    }

    private void step() {
        steps.add(next);
        if (steps.size() == STEPS) {
            overdue(steps.remove());
        }
        stepping = firstInNoBatch < next;
        if (stepping) {
            loop.schedule(step, this::step);
        } else {
            steps.clear();
        }
    }

    private void overdue(long below) {
        for (long number = firstInNoBatch; number < below; number++) {
            Receivers late = record(number).receivers();
            for (int i = 0; i < late.count(); i++) {
                OutboxLog log = state.outbox(late.owner(i));
                log.deferred().slow(log.next());
            }
        }
        write(below);
    }

    /** Puts into a batch what the outbox has, and all before it. */
    void write(OutboxLog log) {
        if (!log.deferred().isEmpty()) {
            write(log.deferred().newest() + 1);
        }
    }

    void writeAll() {
        write(next);
    }

    /** Puts everything below a number into the batch that gathers. */
    private void write(long below) {
        while (firstInNoBatch < below) {
            writeFirst(); // in one batch, because this may come between a delivery and its record
        }
    }

    /** Puts what these outboxes have into the batch that takes what they get now, however large that becomes. */
    void writeBefore(Receivers receivers) {
        if (firstInNoBatch == next) {
            return;
        }
        for (int i = 0; i < receivers.count(); i++) {
            DeferredDeliveries before = state.outbox(receivers.owner(i)).deferred();
            while (!before.isEmpty() && firstInNoBatch <= before.newest()) {
                writeFirst();
            }
        }
    }

    private void writeFirst() {
        Deferred record = record(firstInNoBatch++);
        Message message = record.message();
        if (message == null) {
            return;
        }
        bytes -= record.bytes();
        Receivers receivers = record.receivers();
        for (int i = 0; i < receivers.count(); i++) {
            state.outbox(receivers.owner(i)).deferred().written(receivers.sequence(i));
        }
        Batch batch = appender.message(message, receivers, 0, 0, 0, 0);
        record.written(batch.number());
        record.tasks().forEach(task -> commit.whenForced(batch.number(), task));
        record.tasks().clear();
    }

    /** There is nothing left to be written of a record. */
    void settledByAll(Deferred record) {
        bytes -= record.bytes();
        record.tasks().forEach(loop::atTurnEnd);
        record.tasks().clear();
    }

    boolean isSafe(long number) {
        if (number < first) {
            return true;
        }
        Deferred record = record(number);
        return record.isSettledByAll() || (record.batch() != 0 && record.batch() <= commit.forcedBatch());
    }

    /** Runs the task when the record is safe, not before this returns. */
    void whenSafe(long number, Runnable task) {
        if (isSafe(number)) {
            loop.atTurnEnd(task);
        } else if (record(number).batch() != 0) {
            commit.whenForced(record(number).batch(), task);
        } else {
            record(number).tasks().add(task);
        }
    }

    /** Bytes of messages that wait. */
    long bytes() {
        return bytes;
    }

    private void forgetSafe() {
        while (first < next && isSafe(first)) {
            records[index(first)] = null;
            first++;
        }
        firstInNoBatch = Math.max(firstInNoBatch, first);
    }

    private Deferred record(long number) {
        Deferred record = records[index(number)];
        if (record == null) {
            throw new IllegalStateException("no deferred record has number " + number);
        }
        return record;
    }

    private int index(long number) {
        return (int) (number & (records.length - 1));
    }

    private void grow() {
        @Nullable Deferred[] smaller = records;
        records = Arrays.copyOf(smaller, 2 * smaller.length);
        Arrays.fill(records, null);
        for (@Nullable Deferred record : smaller) {
            if (record != null) {
                records[index(record.number())] = record;
            }
        }
    }
}
