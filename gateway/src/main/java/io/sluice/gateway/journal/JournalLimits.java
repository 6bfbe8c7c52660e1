// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/**
 * What the journal may take.
 *
 * @param bytesMax bytes of all segments on disk; at least three segments are always taken
 * @param whenFull what gives way then
 */
public record JournalLimits(long bytesMax, WhenFull whenFull) {

    /** What gives way when the limit is reached. */
    public enum WhenFull {
        /** The oldest messages, whose deliveries are settled as dropped. */
        DROP_OLDEST,
        /** New messages, which are acknowledged and dropped. */
        DROP_NEWEST,
        /** New messages, which are refused. */
        REJECT
    }
}
