// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one connection: Paho's connector, receiver, sender, callback, ping and farewell, and one for tearing it down. They
 * end with the connection. When one of Paho's dies of an exception (its receiver does, of a packet that it cannot read), Paho
 * itself would not notice until keep alive does; here it is reported.
 */
final class PahoThreads extends ScheduledThreadPoolExecutor {

    private static final int THREADS = 7;

    private final Consumer<Throwable> died;

    /** @param died told on the dying thread */
    PahoThreads(String clientId, Consumer<Throwable> died) {
        super(THREADS, task -> {
            Thread thread = new Thread(task, "bridge " + clientId);
            thread.setDaemon(true);
            return thread;
        });
        this.died = died;
        setRemoveOnCancelPolicy(true);
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
