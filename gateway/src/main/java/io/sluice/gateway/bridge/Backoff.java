// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between attempts, with decorrelated jitter: each pause is drawn evenly from the shortest to three times the one before
 * and cut at the longest, so that a thousand gateways that lost the same broker do not come back in the same second.
 *
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential Backoff And Jitter, AWS
 *     Architecture Blog</a>
 */
final class Backoff {

    /** A connection that lasted this long, or the longest pause if that is shorter, was stable. */
    static final Duration STABLE = Duration.ofSeconds(30);

    private static final int GROWTH = 3;

    private final long firstMillis;
    private final long lastMillis;
    private final RandomGenerator random;
    private long pauseMillis;

    /**
     * @param first the shortest pause, at least a millisecond
     * @param last the longest pause, not shorter than the first
     */
    Backoff(Duration first, Duration last, RandomGenerator random) {
        this.firstMillis = Math.max(1, first.toMillis());
        this.lastMillis = Math.max(firstMillis, last.toMillis());
        this.random = random;
        this.pauseMillis = firstMillis;
    }

    /** The pause before the next attempt. */
    Duration next() {
        long highest = Math.min(lastMillis, pauseMillis * GROWTH);
        pauseMillis = random.nextLong(firstMillis, highest + 1);
        return Duration.ofMillis(pauseMillis);
    }

    /**
     * A connection has ended: only one that was stable starts the pauses over, so that a broker that accepts and drops at once is
     * not hammered.
     *
     * @param held how long it lasted
     */
    void ended(Duration held) {
        if (held.toMillis() >= Math.min(STABLE.toMillis(), lastMillis)) {
            pauseMillis = firstMillis;
        }
    }
}
