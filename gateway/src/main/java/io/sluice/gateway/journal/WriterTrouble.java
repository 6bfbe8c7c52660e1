// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/**
 * How writing goes at the moment.
 *
 * @param failures attempts that failed since the last one that went well
 * @param diskFull whether the disk has no room
 * @param text what the last failure was; empty if there is none
 */
public record WriterTrouble(int failures, boolean diskFull, String text) {

    static final WriterTrouble NONE = new WriterTrouble(0, false, "");

    /** Writing goes well as long as it is little. */
    static final WriterTrouble ON_RESERVE =
            new WriterTrouble(0, true, "the disk is full; what makes room is written from a reserve");

    /** Failures after which nothing is taken in any more that would have to be written. */
    private static final int BLOCKED_FROM = 3;

    WriterTrouble andThen(boolean full, String failure) {
        return new WriterTrouble(failures + 1, full, failure);
    }

    public boolean isFailing() {
        return failures > 0;
    }

    /** Whether what was taken in cannot be written, and nobody knows for how long. */
    public boolean isStuck() {
        return isFailing() && blocks();
    }

    /** Whether nothing may be taken in that must be written. What was taken in already stays in memory and is tried on. */
    public boolean blocks() {
        return diskFull || failures >= BLOCKED_FROM;
    }
}
