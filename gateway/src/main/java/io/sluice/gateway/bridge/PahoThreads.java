// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one connection: Paho's connector, receiver, sender, callback, ping and farewell. They end
 * with the connection. When one of Paho's dies of an exception (its receiver does, of a packet that it cannot read), Paho
 * itself would not notice until keep alive does; here it is reported.
 */
final class PahoThreads extends ScheduledThreadPoolExecutor {

    private static final int THREADS = 7;

    private static final long AGAIN_MILLIS = 50;

    private final String name;
    private final Consumer<Throwable> died;

    /** @param died told on the dying thread */
    PahoThreads(String clientId, Consumer<Throwable> died) {
        super(THREADS, task -> daemon(task, "bridge " + clientId));
        this.name = "bridge " + clientId + " end";
        this.died = died;
        setRemoveOnCancelPolicy(true);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Does what makes the threads end, and interrupts them, as often as it takes until all have ended. From any thread. */
    void endWith(Ending ending) {
        daemon(() -> endAll(ending), name).start();
    }

    private void endAll(Ending ending) {
        try {
            do {
                ending.run();
                shutdownNow();
            } while (!awaitTermination(AGAIN_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Nobody does this; if somebody does, the process is ending.
        }
    }

    /** What is done to end the threads; may block. */
    @FunctionalInterface
    interface Ending {
        void run() throws InterruptedException;
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        if (thrown != null) {
            died.accept(thrown);
        } else if (task instanceof Future<?> future && future.state() == Future.State.FAILED) {
            died.accept(future.exceptionNow());
        }
    }
}
