// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling from the first to the last, and of that a random part between half and all, so
 * that devices which went together do not come back all at once. Belongs to one thread.
 */
final class Backoff {

    private final long firstMillis;
    private final long lastMillis;
    private final RandomGenerator random;
    private long millis;

    Backoff(Duration first, Duration last, RandomGenerator random) {
        this.firstMillis = first.toMillis();
        this.lastMillis = last.toMillis();
        this.random = random;
        this.millis = firstMillis;
    }

    /** The next wait, in milliseconds. */
    long nextMillis() {
        long now = millis;
        millis = Math.min(lastMillis, 2 * millis);
        return now / 2 + random.nextLong(now - now / 2 + 1);
    }

    /** All is well: the next wait is a first one again. */
    void reset() {
        millis = firstMillis;
    }
}
