// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;

/** What the journal says, read back. Owners are the numbers of sessions and bridge outboxes. */
sealed interface JournalRecord {

    /**
     * A message with all its durable receivers.
     *
     * @param receivedFrom the owner of the QoS 2 packet identifier it came with, or 0
     * @param retainedNumber the state number under which it is retained, or 0
     * @param replacedNumber the number of the state it replaces, or 0
     */
    record Stored(
            List<Receiver> receivers,
            long receivedFrom,
            int packetId,
            long retainedNumber,
            long replacedNumber,
            Content content)
            implements JournalRecord {}

    /** The deliveries from a sequence up to another, exclusive, are done with. */
    record Settled(long owner, long from, long to) implements JournalRecord {}

    /** Sequences below the bound may be in use. */
    record Reserved(long owner, long bound) implements JournalRecord {}

    /** PUBREC was seen for a delivery: what remains is PUBREL. */
    record Released(long owner, long sequence) implements JournalRecord {}

    /** A QoS 2 packet identifier came in with a message that nobody must have durably. */
    record Received(long owner, int packetId) implements JournalRecord {}

    /** PUBREL was seen for a QoS 2 packet identifier. */
    record Completed(long owner, int packetId) implements JournalRecord {}

    record State(long number, long replaced, DurableState state) implements JournalRecord {}

    /** States that are no more, and, unless 0, everything of an owner. */
    record Removed(long owner, List<Long> numbers) implements JournalRecord {}

    /** How the journal's clock stood to the machine's. */
    record Noted(TimeNote note) implements JournalRecord {}

    /** One durable receiver of a message. */
    record Receiver(long owner, long sequence, Qos qos, boolean retain, List<Integer> subscriptionIds) {}

    /** A message's bytes where they were read, made into a message only if somebody wants it. */
    interface Content {
        Message message();
    }
}
