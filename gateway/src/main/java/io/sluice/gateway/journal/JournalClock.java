// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The journal's clock: milliseconds since 1970 as far as the machine knew when it started, from then on monotonic. It never goes
 * back, not even across a restart with a wall clock that lost the time, and a step of the wall clock changes nothing while the
 * process runs. Usable from any thread.
 */
public final class JournalClock {

    private final long startMillis;
    private final long startNanos;
    private final LongSupplier nanos;

    /**
     * @param lastMillis the latest time that the journal has seen
     * @param wall the machine's clock, asked once
     * @param nanos a monotonic clock in nanoseconds
     */
    public JournalClock(long lastMillis, InstantSource wall, LongSupplier nanos) {
        this.startMillis = Math.max(lastMillis, wall.millis());
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
    }

    /** Milliseconds. */
    public long now() {
        return startMillis + (nanos.getAsLong() - startNanos) / 1_000_000;
    }
}
