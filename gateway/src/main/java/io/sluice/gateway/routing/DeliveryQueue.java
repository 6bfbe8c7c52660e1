// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The part of an outbox that is in memory: deliveries in rising sequence, first those that were handed out, then those that wait.
 * One that is settled leaves a hole until it is first. Lives on the broker thread.
 */
final class DeliveryQueue {

    private static final int PLACES_MIN = 4;

    /** What a place takes in memory. */
    private static final int PLACE_BYTES = 24;

    private final OutboxMemory memory;
    private final Runnable onSpent;
    private @Nullable Delivery[] deliveries = new Delivery[PLACES_MIN];
    private long[] sequences = new long[PLACES_MIN];
    private long[] batches = new long[PLACES_MIN];
    private int head;
    private int size;
    /** How many from the head on were handed out. */
    private int handedOut;

    private int count;
    private long bytes;
    /** Where it stands among those that hold something. */
    private int place;

    private long joined;

    /**
     * @param memory what all queues may hold, and each
     * @param onSpent lets go what can be let go, because all hold too much and this one more than others
     */
    DeliveryQueue(OutboxMemory memory, Runnable onSpent) {
        this.memory = memory;
        this.onSpent = onSpent;
    }

    int countRoom() {
        return Math.min(memory.countMax() - count, sizeMax() - size);
    }

    boolean hasRoom() {
        return hasRoom(memory.bytesMax());
    }

    /** Whether it may take one more, as long as it holds less than so many bytes; one is always allowed. */
    boolean hasRoom(long bytesMax) {
        return countRoom() > 0 && (bytes < bytesMax || count == 0);
    }

    /** One that is long unsettled leaves holes behind it, which cost little; the packet identifiers bound them. */
    private int sizeMax() {
        return memory.countMax() + Outbox.PACKET_IDS;
    }

    long bytes() {
        return bytes;
    }

    int place() {
        return place;
    }

    /** The number that it has got when it began to hold something. */
    long joined() {
        return joined;
    }

    void place(int at, long number) {
        place = at;
        joined = number;
    }

    void relieve() {
        onSpent.run();
    }

    int count() {
        return count;
    }

    /** @param batch the journal's batch in which it stands */
    void add(Delivery delivery, long batch) {
        if (size == deliveries.length) {
            grow();
        }
        int at = index(size);
        deliveries[at] = delivery;
        sequences[at] = delivery.sequence();
        batches[at] = batch;
        size++;
        count++;
        bytes += OutboxMemory.size(delivery);
        memory.took(delivery.message());
        if (count == 1) {
            memory.join(this);
        }
        memory.check();
    }

    int waiting() {
        return size - handedOut;
    }

    boolean hasNext() {
        return handedOut < size;
    }

    /** The next one to hand out, or null where it was settled before that. */
    @Nullable
    Delivery peek() {
        return deliveries[index(handedOut)];
    }

    long peekSequence() {
        return sequences[index(handedOut)];
    }

    long peekBatch() {
        return batches[index(handedOut)];
    }

    /** Counts the next one as handed out. */
    void skip() {
        handedOut++;
        trim();
    }

    void rewind() {
        handedOut = 0;
    }

    /** The first sequence in it, or the given one if it is empty. */
    long firstSequence(long otherwise) {
        return size == 0 ? otherwise : sequences[head];
    }

    /** The delivery with the sequence, if it was handed out and is still there. */
    @Nullable
    Delivery handedOut(long sequence) {
        int offset = find(sequence);
        return offset < 0 || offset >= handedOut ? null : deliveries[index(offset)];
    }

    void remove(long sequence) {
        int offset = find(sequence);
        if (offset >= 0) {
            clear(offset);
            trim();
        }
    }

    /** How many were handed out and are still there. */
    int underWay() {
        int found = 0;
        for (int offset = 0; offset < handedOut; offset++) {
            if (deliveries[index(offset)] != null) {
                found++;
            }
        }
        return found;
    }

    /**
     * Removes what was not handed out of a run.
     *
     * @param to exclusive
     */
    void removeWaiting(long from, long to) {
        for (int offset = handedOut; offset < size; offset++) {
            long sequence = sequences[index(offset)];
            if (sequence >= from && sequence < to) {
                clear(offset);
            }
        }
        trim();
    }

    /**
     * Lets go the last ones that were not handed out, as far back as none is kept.
     *
     * @param kept sequences that must stay
     * @return the sequence of the first that was let go, or -1
     */
    long cutWaiting(LongPredicate kept) {
        long cut = -1;
        while (size > handedOut && !kept.test(sequences[index(size - 1)])) {
            clear(size - 1);
            size--;
            cut = sequences[index(size)];
        }
        trim();
        if (size == 0) {
            clear();
        }
        return cut;
    }

    /** Lets go everything, handed out or not, but what must stay; how many. */
    int clearBut(LongPredicate kept) {
        int before = count;
        for (int offset = 0; offset < size; offset++) {
            if (!kept.test(sequences[index(offset)])) {
                clear(offset);
            }
        }
        if (count == 0) {
            clear();
        }
        trim();
        return before - count;
    }

    void clear() {
        for (int offset = 0; offset < size; offset++) {
            clear(offset);
        }
        head = 0;
        size = 0;
        handedOut = 0;
        if (deliveries.length > PLACES_MIN) {
            memory.reserve((long) (PLACES_MIN - deliveries.length) * PLACE_BYTES);
            deliveries = new Delivery[PLACES_MIN];
            sequences = new long[PLACES_MIN];
            batches = new long[PLACES_MIN];
        }
    }

    private void clear(int offset) {
        Delivery delivery = deliveries[index(offset)];
        if (delivery != null) {
            deliveries[index(offset)] = null;
            count--;
            bytes -= OutboxMemory.size(delivery);
            memory.left(delivery.message());
            if (count == 0) {
                memory.leave(this);
            }
        }
    }

    /** Lets go what is settled at the head, as far as it was handed out. */
    private void trim() {
        while (size > 0 && deliveries[head] == null) {
            head = index(1);
            size--;
            handedOut = Math.max(0, handedOut - 1);
        }
    }

    /** The offset from the head of a sequence, or -1. */
    private int find(long sequence) {
        if (size == 0) {
            return -1;
        }
        long guess = sequence - sequences[head]; // right wherever there is no gap
        if (guess >= 0 && guess < size && sequences[index((int) guess)] == sequence) {
            return (int) guess;
        }
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long there = sequences[index(middle)];
            if (there == sequence) {
                return middle;
            } else if (there < sequence) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    private int index(int offset) {
        return (head + offset) & (deliveries.length - 1);
    }

    private void grow() {
        int capacity = 2 * deliveries.length;
        @Nullable Delivery[] grownDeliveries = new Delivery[capacity];
        long[] grownSequences = new long[capacity];
        long[] grownBatches = new long[capacity];
        for (int i = 0; i < size; i++) {
            grownDeliveries[i] = deliveries[index(i)];
            grownSequences[i] = sequences[index(i)];
            grownBatches[i] = batches[index(i)];
        }
        memory.reserve((long) (capacity - deliveries.length) * PLACE_BYTES);
        deliveries = grownDeliveries;
        sequences = grownSequences;
        batches = grownBatches;
        head = 0;
    }
}
