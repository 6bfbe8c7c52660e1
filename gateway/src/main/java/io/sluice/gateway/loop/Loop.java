// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The broker thread: it owns sessions, routing, outboxes and bridges, so that none of them needs a lock. On a small machine it is
 * the event loop of the sockets, too.
 *
 * <p>{@link #execute} may be called from any thread; everything else belongs to the broker thread.
 */
public final class Loop {

    private final ScheduledExecutorService executor;
    private final Consumer<Throwable> onBug;
    private List<Runnable> turnEnd = new ArrayList<>();
    private List<Runnable> last = new ArrayList<>();
    private List<Runnable> spare = new ArrayList<>();
    private boolean endComing;
    private volatile Thread thread;
    /** Tasks that have come to their end, of the broker thread alone. */
    private long tasks;

    /** A loop on which a bug is thrown on to the executor. */
    public Loop(ScheduledExecutorService executor) {
        this(executor, bug -> {
            throw new IllegalStateException("a bug on the broker thread", bug);
        });
    }

    /**
     * @param executor runs everything on one thread, in order
     * @param onBug told of what a task throws, which is always a bug; on the broker thread
     */
    public Loop(ScheduledExecutorService executor, Consumer<Throwable> onBug) {
        this.executor = executor;
        this.onBug = onBug;
        this.thread = Thread.currentThread();
        executor.execute(() -> thread = Thread.currentThread());
    }

    /** Runs the task on the broker thread, after everything handed over before. From any thread. */
    public void execute(Runnable task) {
        executor.execute(() -> run(task));
    }

    /** Runs the task on the broker thread once the delay has passed. */
    public Timer schedule(Duration delay, Runnable task) {
        assertHere();
        ScheduledFuture<?> future = executor.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    /**
     * Runs the task when this turn of the loop has handled what was there to be read, so that one flush and one write carry
     * everything that one turn made. Tasks run in the order in which they came.
     */
    public void atTurnEnd(Runnable task) {
        assertHere();
        turnEnd.add(task);
        endSoon();
    }

    /** Runs the task when everything else that is done at the end of this turn is done, and what that asked for: for what nobody waits for. */
    public void lastInTurn(Runnable task) {
        assertHere();
        last.add(task);
        endSoon();
    }

    private void endSoon() {
        if (!endComing) {
            endComing = true;
            executor.execute(() -> run(this::endTurn));
        }
    }

    /**
     * Runs the task in a turn of its own, after the sockets have been looked at again: for long work that goes on in portions, so
     * that everybody else comes in between. What is only handed to {@link #execute} may run again and again before they are.
     */
    public void later(Runnable task) {
        schedule(Duration.ZERO, task);
    }

    private void endTurn() {
        endComing = false;
        List<Runnable> tasks;
        if (turnEnd.isEmpty()) {
            tasks = last;
            last = spare;
        } else {
            tasks = turnEnd;
            turnEnd = spare;
        }
        for (Runnable task : tasks) {
            task.run();
        }
        tasks.clear();
        spare = tasks;
        if (!turnEnd.isEmpty() || !last.isEmpty()) {
            endSoon();
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
            tasks++;
        } catch (RuntimeException | Error bug) {
            bug(bug);
        }
    }

    /** Tells one task from another: as long as it is the same, the task that asked first is not over. */
    public long task() {
        return tasks;
    }

    /** Tells of a bug that was met on the broker thread outside of a task. */
    public void bug(Throwable bug) {
        onBug.accept(bug);
    }

    /** Whether the caller is on the broker thread. From any thread. */
    public boolean isHere() {
        return Thread.currentThread().equals(thread);
    }

    /** @throws IllegalStateException unless the caller is on the broker thread, which is a bug */
    public void assertHere() {
        if (!isHere()) {
            throw new IllegalStateException("on " + Thread.currentThread().getName() + ", not on the broker thread");
        }
    }

    /** Something that was scheduled. */
    public interface Timer {
        /** Keeps it from running if it has not run yet. */
        void cancel();
    }
}
