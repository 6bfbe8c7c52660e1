// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import java.util.Arrays;

/**
 * Puts records into the batch that gathers, and has the state know what they say. Whether the batch is large enough by then is for
 * the caller to tell. Lives on the broker thread.
 */
final class Appender {

    private final GroupCommit commit;
    private final JournalState state;

    Appender(GroupCommit commit, JournalState state) {
        this.commit = commit;
        this.state = state;
    }

    private Batch gather() {
        Batch batch = commit.gather();
        batch.mustForce();
        return batch;
    }

    /**
     * A message, with parameters as in {@link RecordBuffer#message}; it replaces the state with a number, in which it must not be
     * known by another.
     */
    Batch message(
            Message message, Receivers receivers, long receivedFrom, int packetId, long retainedNumber, long replaced) {
        Batch batch = gather();
        batch.records().message(message, batch.time(), receivers, receivedFrom, packetId, retainedNumber, replaced);
        Batch.Place place = batch.place();
        for (int i = 0; i < receivers.count(); i++) {
            state.outbox(receivers.owner(i)).delivered(receivers.sequence(i), place.segment());
        }
        if (receivedFrom != 0) {
            state.received(receivedFrom, packetId);
        }
        if (retainedNumber != 0) {
            state.stated(retainedNumber, replaced, place.segment(), place.offset(), batch.number());
        } else if (replaced != 0) {
            state.dead(replaced, batch.number());
        }
        return batch;
    }

    /** A state under its new number, in the place of another unless that is 0. */
    Batch state(DurableState value, long number, long replaced) {
        Batch batch = gather();
        state.outboxOf(value);
        batch.records().state(number, replaced, value);
        state.stated(number, replaced, batch.place().segment(), batch.place().offset(), batch.number());
        return batch;
    }

    /** The end of states and, unless it is 0, of an owner. */
    Batch removed(long owner, long... known) {
        Batch batch = gather();
        long[] numbers = Arrays.stream(known).map(state::leave).toArray();
        batch.records().removed(owner, numbers);
        for (long number : numbers) {
            state.dead(number, batch.number());
        }
        if (owner != 0) {
            commit.forgetSettles(owner);
            state.removeOwner(owner, batch.number());
        }
        return batch;
    }

    Batch reserved(OutboxLog log) {
        Batch batch = gather();
        long bound = log.next() + 4 * OutboxLog.RESERVED_BLOCK;
        batch.records().reserved(log.owner(), bound);
        log.reserve(bound, batch.number());
        return batch;
    }

    Batch received(long owner, int packetId) {
        Batch batch = gather();
        batch.records().received(owner, packetId);
        state.received(owner, packetId);
        return batch;
    }

    Batch completed(long owner, int packetId) {
        Batch batch = gather();
        batch.records().completed(owner, packetId);
        state.completed(owner, packetId);
        return batch;
    }

    Batch released(OutboxLog log, long sequence) {
        Batch batch = gather();
        batch.records().released(log.owner(), sequence);
        log.released().add(sequence);
        return batch;
    }
}
