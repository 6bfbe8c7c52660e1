// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.Map;

/**
 * The journal at one moment, for operators.
 *
 * @param bytes bytes of all segments
 * @param bytesMax what they may be
 * @param messageBytes bytes of topics, properties and payloads that were appended since the start, written or not
 * @param bytesWritten bytes handed to the disk since the start
 * @param forces how often the disk was made to keep them
 * @param movedStates states written again so that an old segment could go
 * @param rewrittenSegments segments written again with only what is needed of them
 * @param full whether new messages are refused or dropped, by the limit
 * @param trouble how writing goes
 * @param damage what could not be read at the start
 * @param dropped deliveries dropped since the start, by reason
 */
public record JournalStatus(
        long bytes,
        long bytesMax,
        int segments,
        long messageBytes,
        long bytesWritten,
        long forces,
        long movedStates,
        long rewrittenSegments,
        boolean full,
        WriterTrouble trouble,
        JournalDamage damage,
        Map<DropReason, Long> dropped) {

    public JournalStatus {
        dropped = Map.copyOf(dropped);
    }

    /** Bytes handed to the disk for each byte of a message that was taken in; 0 if there was none. */
    public double writeAmplification() {
        return messageBytes == 0 ? 0 : (double) bytesWritten / messageBytes;
    }
}
