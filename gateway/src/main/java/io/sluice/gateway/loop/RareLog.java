// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.loop;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Warnings of one kind, at most one a minute, which says how many were left out. On the broker thread. */
public final class RareLog {

    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Logger log;
    private final LongSupplier clock;
    private boolean begun;
    private long last;
    private long leftOut;

    /** @param clock milliseconds */
    public RareLog(Logger log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
    }

    public void warn(String text) {
        long now = clock.getAsLong();
        if (begun && now - last < PAUSE.toMillis()) {
            leftOut++;
            return;
        }
        log.log(Level.WARNING, leftOut == 0 ? text : text + " (and " + leftOut + " more since the last such line)");
        begun = true;
        last = now;
        leftOut = 0;
    }
}
