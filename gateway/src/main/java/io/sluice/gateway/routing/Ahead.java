// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * Deliveries that come while the last of an outbox's tail has yet to be written and read: kept in memory, so that the tail ends when
 * that has been read, however quickly more comes. All of them are on disk as well. Lives on the broker thread.
 */
final class Ahead {

    private static final long NOT_GATHERING = -1;

    private final OutboxMemory memory;
    private final List<Waiting> deliveries = new ArrayList<>();
    private long first = NOT_GATHERING;
    private long bytes;

    /** @param memory counts what is here */
    Ahead(OutboxMemory memory) {
        this.memory = memory;
    }

    /** @param batch the journal's batch that must be forced before it may be sent */
    record Waiting(Delivery delivery, long batch) {}

    /** Begins, unless it has, with the sequence that comes next. */
    void begin(long next) {
        if (first == NOT_GATHERING) {
            first = next;
        }
    }

    boolean isGathering() {
        return first != NOT_GATHERING;
    }

    /** Takes the next delivery; if there is no room for it, the tail is to be read on as before. */
    void add(Delivery delivery, long batch, int countRoom, long bytesRoom) {
        long size = OutboxMemory.size(delivery);
        if (deliveries.size() >= countRoom || bytes + size > bytesRoom) {
            end();
        } else {
            deliveries.add(new Waiting(delivery, batch));
            count(size);
        }
    }

    /** Whether the tail has been read as far as to where this begins. */
    boolean meets(long readUpTo) {
        return isGathering() && readUpTo >= first;
    }

    /** Gives what the tail has not read itself, and ends. */
    List<Waiting> take(long readUpTo) {
        List<Waiting> taken = deliveries.stream()
                .filter(waiting -> waiting.delivery().sequence() >= readUpTo)
                .toList();
        end();
        return taken;
    }

    void end() {
        deliveries.clear();
        first = NOT_GATHERING;
        count(-bytes);
    }

    private void count(long more) {
        bytes += more;
        memory.reserve(more);
    }
}
