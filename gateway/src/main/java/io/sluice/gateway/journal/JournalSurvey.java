// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What is in a journal, for people. Bytes are bytes; what takes reading the messages is missing where they were not read.
 *
 * @param damagedBytes bytes that a start would count as damage
 */
public record JournalSurvey(
        UUID journalId,
        List<SegmentFile> segments,
        List<Box> outboxes,
        Counts counts,
        Clocks clocks,
        long damagedBytes,
        long unreadableBytes) {

    public JournalSurvey {
        segments = List.copyOf(segments);
        outboxes = List.copyOf(outboxes);
    }

    /** How a segment's file is. */
    public enum State {
        /** With its footer: nothing is added any more. */
        SEALED,
        /** The newest, to which a gateway adds. */
        OPEN,
        /** Without a footer, because the start after its last batch went on in another one; it is read through. */
        ENDED,
        /** Something in it is not whole. */
        DAMAGED,
        /** Nothing in it can be used; it has another name, or gets it at the next start. */
        SET_ASIDE
    }

    /**
     * A segment's file.
     *
     * @param number -1 if it was set aside
     * @param version of the format; 0 if its header is damaged
     * @param liveBytes bytes of records of which something is needed
     */
    public record SegmentFile(
            String file, long number, int version, int generation, long bytes, OptionalLong liveBytes, State state) {}

    /**
     * An outbox.
     *
     * @param deliveries that are not settled
     * @param bytes topics, properties and payloads of those
     * @param oldestMillis the age of the oldest of them
     */
    public record Box(JournalOwner owner, long deliveries, OptionalLong bytes, OptionalLong oldestMillis) {}

    /** How many there are of what is not a message on its way. */
    public record Counts(int sessions, int subscriptions, int bridgeOutboxes, int shares, int retained) {}

    /**
     * The journal's clock.
     *
     * @param now in milliseconds, as all here that has no other unit
     * @param lastWritten the latest time in the journal
     * @param noted when the last note was made, or 0 if there is none
     * @param bootId the run of the machine in which it was made
     * @param trusted the last time at which the wall clock was known to be right, or 0
     * @param trustedWall what the wall clock showed then, since 1970
     */
    public record Clocks(
            long now, long lastWritten, long noted, String bootId, long uptime, long trusted, long trustedWall) {}
}
