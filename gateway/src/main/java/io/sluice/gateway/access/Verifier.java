// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread on which passwords are proved and users files read. One, so that a storm of logins takes one core and
 * leaves the broker another; its queue is bounded. It ends when there is nothing to do.
 */
public final class Verifier implements AutoCloseable {

    /** Logins that may wait. */
    private static final int QUEUE_MAX = 1_024;

    private static final int IDLE_SECONDS = 10;

    private final ThreadPoolExecutor executor;

    public Verifier() {
        executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE_MAX), task -> {
                    Thread thread = new Thread(task, "sluice-access");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /** Runs the task; false when too many wait, or after the end. */
    public boolean execute(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
