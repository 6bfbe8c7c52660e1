// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.DropReason;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.OutboxTail;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's deliveries with QoS 1 and 2, in order, bounded in memory. A durable one keeps one contiguous run of them in
 * memory and leaves the tail to the journal; one that is not durable has nothing but memory and says so when it is full. Lives on
 * the broker thread.
 */
public final class Outbox {

    /** Packet identifiers are taken from the sequence, so that the unsettled ones must not span more than there are. */
    static final int PACKET_IDS = 65_535;

    /**
     * Deliveries that are read from disk at once, as soon as no more than that wait: they are taken into memory in one turn, in which
     * nobody else has one, and what waits long in memory makes each collection of garbage longer.
     */
    private static final int REFILL_MAX = 1_024;

    private final Journal journal;
    private final @Nullable OutboxLog log;
    private final @Nullable OutboxTail tail;
    private final DeliveryQueue queue;
    private final NavigableSet<Long> released;
    /** Deliveries in memory that are another outbox's, by their sequences here. */
    private final Borrowed borrowed = new Borrowed();

    private Runnable onReady = () -> {};
    /** Sequences below were taken into memory, or settled; the tail begins here. */
    private long readUpTo;

    private long nextTransient;
    /** Sequences below were sent since the start, if they were in memory. */
    private long sentBelow;

    /** Sequences below may have been sent before the start. */
    private long maybeSentBelow;

    private long expired;
    private long droppedNewest;
    private boolean parked;
    private boolean waitsForForce;

    private Outbox(Journal journal, @Nullable OutboxLog log, int countMax, long bytesMax) {
        this.journal = journal;
        this.log = log;
        this.queue = new DeliveryQueue(countMax, bytesMax);
        this.released = log == null ? new TreeSet<>() : log.released();
        this.tail = log == null ? null : new OutboxTail(journal, log, new TailSink());
    }

    /** An outbox that lives in memory and ends with its connection. */
    public static Outbox transientOne(Journal journal, int countMax, long bytesMax) {
        return new Outbox(journal, null, countMax, bytesMax);
    }

    /**
     * An outbox whose deliveries are in the journal; parked at first.
     *
     * @param maybeSent how many of what it holds from before may have been sent
     */
    public static Outbox durable(Journal journal, OutboxLog log, int countMax, long bytesMax, long maybeSent) {
        Outbox outbox = new Outbox(journal, log, countMax, bytesMax);
        outbox.maybeSentBelow = Math.min(log.next(), log.floor() + maybeSent);
        outbox.park();
        return outbox;
    }

    /** Told, on the broker thread, when {@link #next} may give something again. */
    public void onReady(Runnable task) {
        onReady = task;
    }

    /** Takes a delivery in; false if there is no room, which only an outbox in memory can say. */
    public boolean offer(Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, Receivers receivers) {
        if (log == null) {
            if (!queue.hasRoom()) {
                return false;
            }
            queue.add(new Delivery(nextTransient++, message, qos, retain, subscriptionIds, false), 0);
            return true;
        }
        DropReason refusal = journal.refusal(log);
        if (refusal != null) {
            droppedNewest++;
            journal.dropped(log, refusal, 1);
            return true;
        }
        append(log, message, qos, retain, subscriptionIds, receivers);
        return true;
    }

    private void append(
            OutboxLog durable,
            Message message,
            Qos qos,
            boolean retain,
            List<Integer> subscriptionIds,
            Receivers receivers) {
        boolean direct = mayTakeDirectly(durable);
        long sequence = journal.take(durable);
        if (direct) {
            queue.add(new Delivery(sequence, message, qos, retain, subscriptionIds, false), journal.openBatch());
            readUpTo = sequence + 1;
        }
        receivers.add(durable.owner(), sequence, qos, retain, subscriptionIds);
    }

    /** Whether there is no tail, and room in memory. */
    private boolean mayTakeDirectly(OutboxLog durable) {
        return !parked && readUpTo == durable.next() && queue.hasRoom();
    }

    /** Whether it can take something that stays another outbox's. */
    public boolean mayBorrow() {
        return log == null ? queue.hasRoom() : mayTakeDirectly(log);
    }

    /**
     * Takes in a delivery that stays another outbox's until it is settled here. It gets a sequence, and so a packet identifier, but
     * no record: after a restart the sequence counts as settled.
     */
    void borrow(Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, Loan loan) {
        long sequence;
        long batch;
        if (log == null) {
            sequence = nextTransient++;
            batch = 0;
        } else {
            sequence = journal.take(log);
            batch = journal.openBatch();
            readUpTo = sequence + 1;
        }
        queue.add(new Delivery(sequence, message, qos, retain, subscriptionIds, false), batch);
        borrowed.add(sequence, loan);
    }

    /** The connection is gone: what is borrowed goes back. */
    public void returnBorrowed() {
        borrowed.returnAll(queue).forEach(this::settle);
    }

    /**
     * Takes the next delivery that may be sent out of memory, for a subscriber that keeps those which are not settled itself; null if
     * there is none.
     */
    @Nullable
    Delivery take() {
        Delivery delivery = due();
        if (delivery != null) {
            queue.skip();
            queue.remove(delivery.sequence());
        }
        refill();
        return delivery;
    }

    /** Moves a delivery that was taken to another outbox, for good. */
    void move(Delivery delivery, Qos qos, boolean retain, List<Integer> subscriptionIds, Outbox to) {
        Receivers receivers = new Receivers();
        OutboxLog target = to.log;
        if (target == null) {
            throw new IllegalStateException("only a durable outbox can be given a delivery for good");
        }
        to.append(target, delivery.message(), qos, retain, subscriptionIds, receivers);
        if (log != null) {
            journal.settleWithNext(log, delivery.sequence());
        }
        journal.append(delivery.message(), receivers, 0, 0, false, 0);
    }

    /** Whether an outbox in memory has room for another delivery; a durable one always has. */
    public boolean hasRoom() {
        return log != null || queue.hasRoom();
    }

    /** The next delivery that was not handed out on this connection and may be sent, or null. */
    public @Nullable Delivery next() {
        Delivery delivery = due();
        if (delivery == null || delivery.sequence() - base() >= PACKET_IDS) {
            if (!queue.hasNext()) {
                refill();
            }
            return null;
        }
        queue.skip();
        boolean repeated = delivery.sequence() < Math.max(sentBelow, maybeSentBelow);
        sentBelow = Math.max(sentBelow, delivery.sequence() + 1);
        refill();
        return repeated ? delivery.again() : delivery;
    }

    /** The next delivery if it may be sent; what has expired before it is settled. */
    private @Nullable Delivery due() {
        long now = journal.clock().now();
        while (queue.hasNext()) {
            Delivery delivery = queue.peek();
            if (delivery == null) {
                queue.skip();
            } else if (delivery.message().isExpired(now) && mayExpire(delivery)) {
                expired++;
                queue.skip();
                settle(delivery.sequence());
            } else if (log != null && journal.isTooOld(delivery.message(), now) && mayExpire(delivery)) {
                queue.skip();
                journal.dropped(log, DropReason.MAX_AGE, 1);
                settle(delivery.sequence());
            } else {
                return maySend(delivery) ? delivery : null;
            }
        }
        return null;
    }

    /** One that was sent goes on to its end [MQTT-4.3.3-7]; with QoS 1 that is no more than a matter of taste. */
    private boolean mayExpire(Delivery delivery) {
        return delivery.sequence() >= sentBelow
                && (delivery.qos() == Qos.AT_LEAST_ONCE || delivery.sequence() >= maybeSentBelow);
    }

    private boolean maySend(Delivery delivery) {
        if (log == null) {
            return true;
        }
        long batch = queue.peekBatch();
        boolean may = journal.isForced(batch)
                || (delivery.qos() == Qos.AT_LEAST_ONCE && journal.mayPrecedeForce(log, delivery.sequence()));
        if (!may && !waitsForForce) {
            waitsForForce = true;
            journal.whenForced(batch, () -> {
                waitsForForce = false;
                onReady.run();
            });
        }
        return may;
    }

    /** Done with a delivery for good; without effect if it is settled already. */
    public void settle(long sequence) {
        borrowed.settled(sequence);
        queue.remove(sequence);
        if (log == null) {
            released.remove(sequence);
        } else {
            journal.settle(log, sequence, sequence + 1);
        }
        refill();
    }

    /**
     * PUBREC has come for a delivery: from here on PUBREL is what is sent.
     *
     * @return the batch after which it may be
     */
    public long release(long sequence) {
        borrowed.settled(sequence);
        queue.remove(sequence); // the message is not needed any more, only its packet identifier
        if (log == null) {
            released.add(sequence);
            return 0;
        }
        return journal.released(log, sequence);
    }

    public boolean isReleased(long sequence) {
        return released.contains(sequence);
    }

    /** Deliveries that wait for PUBCOMP, in order. */
    public List<Long> released() {
        return List.copyOf(released);
    }

    /** The delivery that was handed out under a sequence and is not settled or released, or null. */
    public @Nullable Delivery handedOut(long sequence) {
        return queue.handedOut(sequence);
    }

    /** The lowest sequence that may be under way, from which packet identifiers are counted. */
    public long base() {
        long first = queue.firstSequence(log == null ? nextTransient : readUpTo);
        return released.isEmpty() ? first : Math.min(first, released.first());
    }

    /** The connection is gone: everything unsettled is handed out again, in order. */
    public void rewind() {
        queue.rewind();
    }

    /** Nobody takes deliveries for now: a durable outbox leaves everything to the journal. */
    public void park() {
        if (log != null && tail != null) {
            parked = true;
            queue.clear();
            readUpTo = log.floor();
            tail.restart(readUpTo);
        }
    }

    /** Somebody takes deliveries again. */
    public void unpark() {
        parked = false;
        refill();
    }

    /** Settles everything that is in memory. */
    public void discardAll() {
        queue.clear();
    }

    /** The journal has dropped deliveries to make room. Those that were handed out stay until they are acknowledged. */
    public void dropped(long from, long to) {
        queue.removeWaiting(from, to);
    }

    /** Deliveries that were handed out and are not settled. */
    public int underWay() {
        return queue.underWay() + released.size();
    }

    /** Deliveries in memory that were not handed out. */
    public int waiting() {
        return queue.waiting();
    }

    /** Unsettled deliveries, in memory and on disk. */
    public long depth() {
        return log == null ? queue.count() + released.size() : log.depth();
    }

    /** Deliveries that expired before they were sent. */
    public long expired() {
        return expired;
    }

    /** Deliveries that were not taken because the journal had reached its limit. */
    public long droppedNewest() {
        return droppedNewest;
    }

    private void refill() {
        if (log == null || tail == null || parked || readUpTo >= log.next() || tail.isBusy()) {
            return;
        }
        int portion = Math.clamp(queue.countMax() / 4, 1, REFILL_MAX);
        if (queue.waiting() <= portion && queue.countRoom() >= portion && queue.bytesRoom() > 0) {
            tail.skipTo(readUpTo);
            tail.request(portion, queue.bytesRoom());
        }
    }

    /** Takes what was read from disk, which goes on where memory ends. */
    private final class TailSink implements OutboxTail.Sink {

        @Override
        public void delivery(
                long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, long batch) {
            if (log != null && !log.isSettled(sequence) && !released.contains(sequence)) {
                queue.add(new Delivery(sequence, message, qos, retain, subscriptionIds, false), batch);
            }
        }

        @Override
        public void read(long upTo) {
            readUpTo = upTo;
            onReady.run();
            refill();
        }
    }
}
