// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.function.LongSupplier;

/**
 * What the journal may take.
 *
 * @param bytesMax bytes of all segments on disk; at least three segments are always taken, and one is kept in reserve
 * @param ageMaxMillis how long a delivery is kept, or {@link #ANY_AGE}
 * @param whenFull what gives way when {@code bytesMax} is reached
 * @param sessionsPercent how much of {@code bytesMax} all sessions may hold, in percent
 * @param sessionPercent how much of it one session may hold, in percent
 */
public record JournalLimits(
        long bytesMax, long ageMaxMillis, WhenFull whenFull, int sessionsPercent, int sessionPercent) {

    public static final long ANY_AGE = Long.MAX_VALUE;

    /** No limits but one on the whole. */
    public JournalLimits(long bytesMax, WhenFull whenFull) {
        this(bytesMax, ANY_AGE, whenFull, 100, 100);
    }

    /** What gives way when the limit is reached. */
    public enum WhenFull {
        /** The oldest messages, whose deliveries are settled as dropped. */
        DROP_OLDEST,
        /** New messages, which are acknowledged and dropped. */
        DROP_NEWEST,
        /** New messages, which are refused; a session over its share alone has them dropped. */
        REJECT
    }

    /** Whether a message received at that time is too old to be kept; the clock is asked only if there is a limit. */
    boolean isTooOld(long receivedAt, LongSupplier clock) {
        return ageMaxMillis != ANY_AGE && clock.getAsLong() - receivedAt > ageMaxMillis;
    }

    long sessionsBytesMax() {
        return part(sessionsPercent);
    }

    long sessionBytesMax() {
        return part(sessionPercent);
    }

    private long part(int percent) {
        return percent == 100 ? Long.MAX_VALUE : bytesMax / 100 * percent;
    }
}
