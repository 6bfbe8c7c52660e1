// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import java.util.Locale;

/** How much of something there was a minute, averaged over the last 1, 5 and 15 minutes with what is older fading exponentially. */
final class LoadAverage {

    static final int[] MINUTES = {1, 5, 15};

    private final double[] averages = new double[MINUTES.length];
    private long counted;

    /**
     * Takes the next look at a counter.
     *
     * @param count what it says now
     * @param seconds since the look before
     */
    void update(long count, double seconds) {
        double perMinute = (count - counted) * 60 / seconds;
        counted = count;
        for (int i = 0; i < MINUTES.length; i++) {
            double kept = Math.exp(-seconds / (60 * MINUTES[i]));
            averages[i] = perMinute * (1 - kept) + averages[i] * kept;
        }
    }

    /** With two decimals. */
    String text(int index) {
        return String.format(Locale.ROOT, "%.2f", averages[index]);
    }
}
