// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What all outboxes hold in memory, beside the limits of each. A message that waits in many of them counts once, because it is one
 * object. As the budget is used up, less of it is left for each durable outbox, which leaves more to its tail on disk; when it is spent,
 * those that hold the most let go. Lives on the broker thread.
 */
public final class OutboxMemory {

    /** What a message takes in memory beside its bytes, and a delivery of it, roughly. */
    static final int MESSAGE_BYTES = 96;

    static final int DELIVERY_BYTES = 64;

    /** A durable outbox may have one part in so many of what is left. */
    private static final int SHARE = 4;

    /** When the budget is spent, one part in so many is made free, so that it is not done for every message. */
    private static final int RELIEF = 8;

    /** So many outboxes that were empty before keep the one delivery that they have taken last, so that somebody always goes on. */
    private static final int SPARED = 4;

    private final int countMax;
    private final long bytesMax;
    private final Budget budget;
    private final List<DeliveryQueue> holders = new ArrayList<>();
    private long joined;
    private boolean relieving;

    /**
     * @param countMax deliveries of one outbox
     * @param bytesMax bytes of one outbox
     * @param budget of all together
     */
    public OutboxMemory(int countMax, long bytesMax, Budget budget) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
        this.budget = budget;
    }

    /** Deliveries that one outbox holds at most. */
    public int countMax() {
        return countMax;
    }

    long bytesMax() {
        return bytesMax;
    }

    /** What a durable outbox may hold at present, in bytes; one delivery is always allowed. */
    long share() {
        return Math.clamp(budget.bytesLeft() / SHARE, 0, bytesMax);
    }

    /** A delivery of the message is held. */
    void took(Message message) {
        budget.add(DELIVERY_BYTES + (message.hold() ? size(message) : 0));
    }

    /** It is let go. */
    void left(Message message) {
        budget.add(-DELIVERY_BYTES - (message.letGo() ? size(message) : 0));
    }

    boolean isSpent() {
        return budget.isExceeded();
    }

    /**
     * Counts what holds no message: what is about to be read, places in a queue, deliveries that wait for PUBCOMP. Gives back if
     * negative.
     */
    void reserve(long bytes) {
        budget.add(bytes);
    }

    /** What a delivery and its message take, if nobody else holds that. */
    static long size(Delivery delivery) {
        return size(delivery.message()) + DELIVERY_BYTES;
    }

    private static long size(Message message) {
        return (long) message.bytes().length + MESSAGE_BYTES;
    }

    /** A queue that was empty holds something. */
    void join(DeliveryQueue queue) {
        queue.place(holders.size(), ++joined);
        holders.add(queue);
    }

    /** A queue has become empty. */
    void leave(DeliveryQueue queue) {
        DeliveryQueue last = holders.removeLast();
        if (last != queue) {
            holders.set(queue.place(), last);
            last.place(queue.place(), last.joined());
        }
    }

    /** Sees that the budget is kept; after something was taken. */
    void check() {
        if (!budget.isExceeded() || relieving) {
            return;
        }
        relieving = true;
        long enough = budget.bytesMax() / RELIEF;
        List<DeliveryQueue> largest = new ArrayList<>(holders);
        largest.sort(Comparator.comparingLong(DeliveryQueue::bytes).reversed());
        for (DeliveryQueue queue : largest) {
            if (budget.bytesLeft() >= enough) {
                break;
            }
            if (queue.count() > 1 || queue.joined() <= joined - SPARED) {
                budget.exhausted();
                queue.relieve();
            }
        }
        relieving = false;
    }
}
