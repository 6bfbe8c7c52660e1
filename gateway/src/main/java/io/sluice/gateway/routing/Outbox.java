// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.DropReason;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's deliveries with QoS 1 and 2, in order, bounded in memory. A durable one keeps one contiguous run of them in
 * memory and leaves the tail to the journal; one that is not durable has nothing but memory and says so when it is full. Lives on
 * the broker thread.
 */
public final class Outbox {

    /** Packet identifiers are taken from the sequence, so that the unsettled ones must not span more than there are. */
    static final int PACKET_IDS = 65_535;

    private final Journal journal;
    private final @Nullable OutboxLog log;
    private final @Nullable Refill tail;
    private final DeliveryQueue queue;
    private final Released released;
    /** Deliveries in memory that are another outbox's, by their sequences here. */
    private final Borrowed borrowed = new Borrowed();

    private final SentSoFar sent = new SentSoFar();
    private final SendPermission permission;
    private final LongSupplier clock;

    private Runnable onReady = () -> {};
    private BooleanSupplier settlesSoon = () -> false;
    private Runnable onSpent = () -> {};
    /** Whether it takes nothing any more, because it is being ended. */
    private boolean ended;

    private long nextTransient;
    private long expired;
    private boolean parked;

    private Outbox(Journal journal, @Nullable OutboxLog log, OutboxMemory memory) {
        this.journal = journal;
        this.log = log;
        this.queue = new DeliveryQueue(memory, this::relieve);
        this.clock = journal.clock()::now;
        this.permission = new SendPermission(journal, log, () -> onReady.run());
        this.released = new Released(log == null ? new TreeSet<>() : log.released(), memory);
        this.tail = log == null ? null : new Refill(journal, log, queue, memory, this::wasRead);
    }

    /** An outbox that lives in memory and ends with its connection. */
    public static Outbox transientOne(Journal journal, OutboxMemory memory) {
        return new Outbox(journal, null, memory);
    }

    /**
     * An outbox whose deliveries are in the journal; parked at first.
     *
     * @param maybeSent how many of what it holds from before may have been sent and not released
     */
    public static Outbox durable(Journal journal, OutboxLog log, OutboxMemory memory, long maybeSent) {
        Outbox outbox = new Outbox(journal, log, memory);
        outbox.sent.maybe(log.afterUnsettled(maybeSent + log.released().size()));
        outbox.park();
        return outbox;
    }

    /** Told, on the broker thread, when {@link #next} may give something again. */
    public void onReady(Runnable task) {
        onReady = task;
    }

    /** Asked whether what is offered can be sent at once, and so settled soon. */
    public void settlesSoon(BooleanSupplier asked) {
        settlesSoon = asked;
    }

    /** What waits cannot be sent for now, so that it cannot be expected to be settled soon. */
    public void stall() {
        if (log != null) {
            journal.writeDeferred(log);
        }
    }

    /**
     * Told when the memory of all outboxes is spent and this one can let go nothing that it could read again, to end what needs it;
     * in the middle of whatever takes memory.
     */
    public void onSpent(Runnable task) {
        onSpent = task;
    }

    /** Takes a delivery in; false if there is no room, which only an outbox in memory can say. */
    public boolean offer(Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, Receivers receivers) {
        if (log == null) {
            if (!hasRoom()) {
                return false;
            }
            queue.add(new Delivery(nextTransient++, message, qos, retain, subscriptionIds, false), 0);
            return true;
        }
        DropReason refusal = journal.refusal(log);
        if (refusal != null) {
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
        boolean direct = mayTakeDirectly();
        boolean once = qos == Qos.EXACTLY_ONCE;
        boolean soon = direct && !once && durable.keepsUp() && settlesSoon.getAsBoolean();
        long sequence = journal.take(durable);
        if (tail != null && !parked) {
            long batch = once ? journal.openBatch() : durable.reservedBatch();
            tail.offered(new Delivery(sequence, message, qos, retain, subscriptionIds, false), batch, direct);
        }
        receivers.add(durable.owner(), sequence, qos, retain, subscriptionIds, soon);
    }

    /** Whether there is no tail, and room in memory. */
    private boolean mayTakeDirectly() {
        return !parked && tail != null && tail.mayBePassedOver();
    }

    /** Whether what it took now would be in memory, and not have to be read from disk again. */
    public boolean takesDirectly() {
        return log == null ? hasRoom() : mayTakeDirectly();
    }

    /**
     * Takes in a delivery that stays another outbox's until it is settled here. It gets a sequence, and so a packet identifier, but
     * no record: after a restart the sequence counts as settled.
     */
    void borrow(Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, Loan loan) {
        long sequence;
        long batch;
        if (log == null || tail == null) {
            sequence = nextTransient++;
            batch = 0;
        } else {
            sequence = journal.take(log);
            batch = log.reservedBatch();
            tail.passedOver(sequence);
        }
        borrowed.add(sequence, loan);
        queue.add(new Delivery(sequence, message, qos, retain, subscriptionIds, false), batch);
    }

    /** The connection is gone: what is borrowed goes back. */
    public void returnBorrowed() {
        borrowed.returnAll(queue).forEach(sequence -> settle(sequence, true));
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
        return log != null || (!ended && queue.hasRoom());
    }

    /** The next delivery that was not handed out on this connection and may be sent, or null. */
    public @Nullable Delivery next() {
        Delivery delivery = due();
        if (delivery == null || delivery.sequence() - base() >= PACKET_IDS || !released.mayBecomeMore(delivery.qos())) {
            if (!queue.hasNext()) {
                refill();
            }
            journal.quarantine().handed();
            return null;
        }
        queue.skip();
        Loan loan =
                borrowed.get(delivery.sequence()); // only where it is lent from it has the same sequence at each start
        OutboxLog owning = loan == null ? log : loan.from().log;
        journal.quarantine().handing(owning, (loan == null ? delivery : loan.delivery()).sequence());
        boolean repeated = sent.send(delivery.sequence());
        refill();
        return repeated ? delivery.again() : delivery;
    }

    /** The next delivery if it may be sent; what has expired before it is settled. */
    private @Nullable Delivery due() {
        while (queue.hasNext()) {
            Delivery delivery = queue.peek();
            if (delivery == null) {
                queue.skip();
            } else if (delivery.message().isExpired(clock) && sent.mayExpire(delivery)) {
                expired++;
                queue.skip();
                settle(delivery.sequence());
            } else if (log != null && journal.isTooOld(delivery.message()) && sent.mayExpire(delivery)) {
                queue.skip();
                journal.dropped(log, DropReason.MAX_AGE, 1);
                settle(delivery.sequence());
            } else if (log != null && journal.quarantine().isDeadly(log, delivery.sequence())) {
                queue.skip();
                journal.quarantine()
                        .setAside(log, delivery.sequence(), delivery.message(), delivery.qos(), delivery.retain());
                settle(delivery.sequence());
            } else {
                return permission.isGiven(delivery, queue.peekBatch()) ? delivery : null;
            }
        }
        return null;
    }

    /** Done with a delivery for good; without effect if it is settled already. */
    public void settle(long sequence) {
        settle(sequence, borrowed.settled(sequence));
    }

    /** @param unwritten whether nothing was ever written under the sequence here, so that its settling need not be either */
    private void settle(long sequence, boolean unwritten) {
        queue.remove(sequence);
        if (log == null) {
            released.remove(sequence);
        } else if (unwritten) {
            log.settleUnwritten(sequence);
        } else {
            journal.settle(log, sequence, sequence + 1);
            released.count();
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
        long batch = journal.released(log, sequence);
        released.count();
        return batch;
    }

    public boolean isReleased(long sequence) {
        return released.has(sequence);
    }

    /** Deliveries that wait for PUBCOMP, in order. */
    public List<Long> released() {
        return released.all();
    }

    /** The delivery that was handed out under a sequence and is not settled or released, or null. */
    public @Nullable Delivery handedOut(long sequence) {
        return queue.handedOut(sequence);
    }

    /** The lowest sequence that may be under way, from which packet identifiers are counted. */
    public long base() {
        return released.first(queue.firstSequence(tail == null ? nextTransient : tail.upTo()));
    }

    /** The connection is gone: everything unsettled is handed out again, in order. */
    public void rewind() {
        stall();
        queue.rewind();
    }

    /** Nobody takes deliveries for now: a durable outbox leaves everything to the journal. */
    public void park() {
        if (log != null && tail != null) {
            stall(); // from here on the journal alone has them
            parked = true;
            queue.clear();
            tail.restart(log.floor());
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

    /** All outboxes hold too much, and this one more than others: what waits is left to the tail, if there is one. */
    private void relieve() {
        long cut = tail == null ? -1 : queue.cutWaiting(borrowed::has);
        if (tail != null && cut >= 0) {
            tail.cut(cut);
        } else {
            onSpent.run();
        }
    }

    /** Its subscriber is being ended: lets go all that is its own; how many deliveries are lost by that. */
    public int abandon() {
        if (log != null) {
            park();
            return 0;
        }
        ended = true;
        return queue.clearBut(borrowed::has);
    }

    /** Nobody will ever take what it has. */
    public void end() {
        abandon();
        released.end();
    }

    /** Lets go what was not handed out; how many deliveries. */
    public int dropWaiting() {
        int before = queue.count();
        queue.cutWaiting(borrowed::has);
        return before - queue.count();
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

    private void wasRead() {
        onReady.run();
        refill();
    }

    private void refill() {
        if (tail != null && !parked) {
            tail.request();
        }
    }
}
