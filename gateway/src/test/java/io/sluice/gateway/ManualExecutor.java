// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Runs tasks and timers on the caller's thread when told to, in virtual time that stands still otherwise: a loop that a test
 * turns by hand. Other threads may hand tasks over; timers and everything else belong to the test's thread.
 */
public final class ManualExecutor extends AbstractExecutorService implements ScheduledExecutorService {

    private static final long WAIT_SECONDS_MAX = 20;

    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final PriorityQueue<Timed<?>> timers = new PriorityQueue<>(
            Comparator.<Timed<?>>comparingLong(timed -> timed.at).thenComparingLong(timed -> timed.order));
    private long nowNanos;
    private long orders;
    private boolean shutdown;

    /** Virtual time since the start. */
    public long millis() {
        return TimeUnit.NANOSECONDS.toMillis(nowNanos);
    }

    /** Runs what is due, and what that makes due at once. */
    public void run() {
        Runnable task = tasks.poll();
        while (task != null) {
            task.run();
            task = tasks.poll();
        }
    }

    /**
     * Runs what is due and what other threads hand over until the condition holds.
     *
     * @throws AssertionError if it does not within 20 seconds of real time
     */
    public void runUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
        while (!condition.getAsBoolean()) {
            try {
                Runnable task = tasks.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (task == null) {
                    throw new AssertionError("not so within " + WAIT_SECONDS_MAX + " s");
                }
                task.run();
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }
    }

    /** Lets virtual time pass, running every timer at its moment. */
    public void advance(Duration time) {
        long end = nowNanos + time.toNanos();
        run();
        while (!timers.isEmpty() && timers.peek().at <= end) {
            Timed<?> timed = timers.poll();
            nowNanos = timed.at;
            timed.run();
            run();
        }
        nowNanos = end;
    }

    /** Timers that have neither run nor been cancelled. */
    public int timers() {
        return (int) timers.stream().filter(timed -> !timed.isCancelled()).count();
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return add(new Timed<>(
                () -> {
                    task.run();
                    return true;
                },
                nowNanos + unit.toNanos(delay)));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        return add(new Timed<>(task, nowNanos + unit.toNanos(delay)));
    }

    private <V> Timed<V> add(Timed<V> timed) {
        timers.add(timed);
        return timed;
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return shutdown;
    }

    private final class Timed<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long at;
        private final long order = orders++;

        Timed(Callable<V> task, long at) {
            super(task);
            this.at = at;
        }

        @Override
        protected void setException(Throwable thrown) {
            super.setException(thrown);
            throw new IllegalStateException("timer failed", thrown);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at - nowNanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
