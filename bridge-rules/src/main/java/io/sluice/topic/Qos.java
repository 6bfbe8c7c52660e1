// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

/** The quality of service levels, in rising order (MQTT 5.0 section 4.3). */
public enum Qos {
    AT_MOST_ONCE,
    AT_LEAST_ONCE,
    EXACTLY_ONCE;

    private static final Qos[] BY_LEVEL = values();

    /**
     * The level with the given number.
     *
     * @throws IllegalArgumentException unless {@code level} is 0, 1 or 2
     */
    public static Qos of(int level) {
        if (level < 0 || level >= BY_LEVEL.length) {
            throw new IllegalArgumentException("QoS must be 0, 1 or 2, not " + level);
        }
        return BY_LEVEL[level];
    }

    /** The number on the wire: 0, 1 or 2. */
    public int level() {
        return ordinal();
    }

    /** The lower of the two: what a subscriber gets of a message (MQTT 5.0 section 3.8.4). */
    public Qos min(Qos other) {
        return ordinal() <= other.ordinal() ? this : other;
    }
}
