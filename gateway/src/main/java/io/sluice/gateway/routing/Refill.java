// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.OutboxTail;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;

/**
 * Where a durable outbox's memory ends and its tail on disk begins. Reads on from there when memory has room, and counts what it has
 * asked for as taken. Lives on the broker thread.
 */
final class Refill implements OutboxTail.Sink {

    /**
     * Deliveries that are read from disk at once, as soon as no more than that wait: they are taken into memory in one turn, in which
     * nobody else has one, and what waits long in memory makes each collection of garbage longer.
     */
    private static final int PORTION_MAX = 256;

    private final Journal journal;
    private final OutboxLog log;
    private final OutboxTail tail;
    private final DeliveryQueue queue;
    private final OutboxMemory memory;
    private final Runnable onRead;
    /** What came while the last of the tail was being written. */
    private final Ahead ahead;
    /** Sequences below were taken into memory, or settled. */
    private long upTo;

    private long reserved;

    /** @param onRead told when a part has come into memory */
    Refill(Journal journal, OutboxLog log, DeliveryQueue queue, OutboxMemory memory, Runnable onRead) {
        this.journal = journal;
        this.log = log;
        this.tail = new OutboxTail(journal, log, this);
        this.queue = queue;
        this.memory = memory;
        this.ahead = new Ahead(memory);
        this.onRead = onRead;
    }

    long upTo() {
        return upTo;
    }

    /** Whether a new delivery would go on where memory ends, and there is room for it. */
    boolean mayBePassedOver() {
        return upTo == log.next() && queue.hasRoom(memory.share());
    }

    /** A new delivery goes into memory at once. */
    void passedOver(long sequence) {
        upTo = sequence + 1;
    }

    /**
     * There is a new delivery.
     *
     * @param batch the journal's batch that must be forced before it may be sent
     * @param direct whether it goes on where memory ends; else it is left to the tail
     */
    void offered(Delivery delivery, long batch, boolean direct) {
        if (direct) {
            passedOver(delivery.sequence());
            queue.add(delivery, batch);
        } else if (ahead.isGathering()) {
            ahead.add(delivery, batch, queue.countRoom(), (memory.share() - queue.bytes()) / 2);
        }
    }

    /** Memory has let go what was not handed out, from the sequence on: the journal alone has it from here on. */
    void cut(long sequence) {
        journal.writeDeferred(log);
        log.fellBehind();
        restart(sequence);
    }

    /** Memory ends before the sequence from here on; what is under way from disk is dropped. */
    void restart(long sequence) {
        upTo = sequence;
        ahead.end();
        tail.restart(sequence);
        reserve(0);
    }

    /** Reads on if there is something to read and enough room; one delivery is always read if memory has none. */
    void request() {
        if (upTo >= log.next() || tail.isBusy()) {
            return;
        }
        int portion = Math.clamp(memory.countMax() / 4, 1, PORTION_MAX);
        long bytesRoom = memory.share() - queue.bytes();
        if (queue.count() == 0 || (queue.waiting() <= portion && queue.countRoom() >= portion && bytesRoom > 0)) {
            tail.skipTo(upTo);
            reserve(Math.max(0, bytesRoom));
            tail.request(portion, Math.max(1, bytesRoom));
        }
    }

    private void reserve(long bytes) {
        memory.reserve(bytes - reserved);
        reserved = bytes;
    }

    @Override
    public void delivery(
            long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, long batch) {
        take(new Delivery(sequence, message, qos, retain, subscriptionIds, false), batch);
    }

    private void take(Delivery delivery, long batch) {
        if (!log.isSettled(delivery.sequence()) && !log.isReleased(delivery.sequence())) {
            queue.add(delivery, batch);
        }
    }

    @Override
    public void atEnd() {
        ahead.begin(log.next());
    }

    @Override
    public void read(long end) {
        upTo = end;
        reserve(0);
        if (ahead.meets(end)) {
            takeAhead(end);
        }
        onRead.run();
    }

    private void takeAhead(long end) {
        long next = log.next();
        upTo = next;
        for (Ahead.Waiting waiting : ahead.take(end)) {
            if (upTo != next) {
                return; // memory has let go of what waits, so that the tail begins there again
            }
            take(waiting.delivery(), waiting.batch());
        }
    }
}
