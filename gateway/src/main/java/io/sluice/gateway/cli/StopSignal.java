// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.Shutdown;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What SIGTERM and SIGINT do: the main thread is asked to stop, and the process ends with its status when it has. Without this, Quarkus
 * closes the log beside a main thread that is still stopping, and Java ends the process with a status that service managers take for a
 * failure. Quarkus makes the one object; the main thread and the one that handles the signal share it.
 */
@Singleton
@Unremovable
final class StopSignal {

    /** Longer than the gateway takes at worst; a service manager's patience is 90 s. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

    private static final int FAILED = 1;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean begun;
    private volatile int status = FAILED;

    /** Called before there is anything to stop. */
    void begin() {
        begun = true;
    }

    /** Waits for a signal. */
    void await() {
        Quarkus.waitForExit();
    }

    /** All is stopped and logged, by a signal or by itself: the process may end with this status. */
    void end(int exitStatus) {
        status = exitStatus;
        ended.countDown();
    }

    /** Quarkus calls this, before it closes anything of its own, on the thread that handles the signal, or on the main thread at its end. */
    @Shutdown
    void onShutdown() throws InterruptedException {
        if (begun) {
            boolean whole = ended.await(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(whole ? status : FAILED);
        }
    }
}
