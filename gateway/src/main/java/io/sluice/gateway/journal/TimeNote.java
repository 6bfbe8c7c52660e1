// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/**
 * How the journal's clock stood to the machine's, so that a later start can tell how long it was off.
 *
 * @param journal the journal's clock, in milliseconds
 * @param bootId the run of the machine; empty if unknown
 * @param uptime milliseconds since the machine was started, at the same moment
 * @param trustedJournal the journal's clock when the wall clock was last known to be right, or 0 if that is of no use since
 * @param trustedWall the wall clock at that moment, or 0; no later time is less
 */
record TimeNote(long journal, String bootId, long uptime, long trustedJournal, long trustedWall) {

    /** Nothing was noted. */
    static final TimeNote NONE = new TimeNote(0, "", 0, 0, 0);

    boolean isTrusted() {
        return trustedJournal > 0;
    }
}
