// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.OutboxTail;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;

/** Takes into an outbox's memory what its tail on disk has, where memory ends. Lives on the broker thread. */
final class Refill implements OutboxTail.Sink {

    private final OutboxLog log;
    private final OutboxTail tail;
    private final DeliveryQueue queue;
    private final Runnable onRead;
    /** What came while the last of the tail was being written. */
    private final Ahead ahead = new Ahead();
    /** Sequences below were taken into memory, or settled. */
    private long upTo;

    /** @param onRead told when a part has come into memory */
    Refill(Journal journal, OutboxLog log, DeliveryQueue queue, Runnable onRead) {
        this.log = log;
        this.tail = new OutboxTail(journal, log, this);
        this.queue = queue;
        this.onRead = onRead;
    }

    long upTo() {
        return upTo;
    }

    /** Whether a new delivery would go on where memory ends, and there is room for it. */
    boolean mayBePassedOver() {
        return upTo == log.next() && queue.hasRoom();
    }

    /** A sequence goes into memory at once. */
    void passedOver(long sequence) {
        upTo = sequence + 1;
    }

    /** A new delivery is left to the tail, and is on disk as soon as the batch is forced. */
    void leftToTail(Delivery delivery, long batch) {
        if (ahead.isGathering()) {
            ahead.add(delivery, batch, queue.countRoom(), queue.bytesRoom());
        }
    }

    /** Memory ends before the sequence from here on; what is under way from disk is dropped. */
    void restart(long sequence) {
        upTo = sequence;
        ahead.end();
        tail.restart(sequence);
    }

    /** Reads on if there is something to read and enough room. */
    void request() {
        if (upTo >= log.next() || tail.isBusy()) {
            return;
        }
        int room = queue.countRoom();
        if (room >= queue.countMax() / 4 && queue.bytesRoom() > 0) {
            tail.skipTo(upTo);
            tail.request(room, queue.bytesRoom());
        }
    }

    @Override
    public void delivery(
            long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, long batch) {
        take(new Delivery(sequence, message, qos, retain, subscriptionIds, false), batch);
    }

    private void take(Delivery delivery, long batch) {
        if (!log.isSettled(delivery.sequence()) && !log.released().contains(delivery.sequence())) {
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
        if (ahead.meets(end)) {
            ahead.forEach(this::take, end);
            upTo = log.next();
            ahead.end();
        }
        onRead.run();
    }
}
