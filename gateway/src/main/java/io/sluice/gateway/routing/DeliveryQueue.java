// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The part of an outbox that is in memory: deliveries in rising sequence, first those that were handed out, then those that wait.
 * One that is settled leaves a hole until it is first. Lives on the broker thread.
 */
final class DeliveryQueue {

    /** What a delivery takes in memory beside the bytes of its message, roughly. */
    private static final int OVERHEAD_BYTES = 120;

    private final int countMax;
    private final long bytesMax;
    private @Nullable Delivery[] deliveries = new Delivery[16];
    private long[] sequences = new long[16];
    private long[] batches = new long[16];
    private int head;
    private int size;
    /** How many from the head on were handed out. */
    private int handedOut;

    private int count;
    private long bytes;

    DeliveryQueue(int countMax, long bytesMax) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
    }

    int countMax() {
        return countMax;
    }

    int countRoom() {
        return Math.min(countMax - count, sizeMax() - size);
    }

    long bytesRoom() {
        return bytesMax - bytes;
    }

    boolean hasRoom() {
        return count < countMax && size < sizeMax() && (bytes < bytesMax || count == 0);
    }

    /** One that is long unsettled leaves holes behind it, which cost little; the packet identifiers bound them. */
    private int sizeMax() {
        return countMax + Outbox.PACKET_IDS;
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
        bytes += size(delivery);
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

    void clear() {
        Arrays.fill(deliveries, null);
        head = 0;
        size = 0;
        handedOut = 0;
        count = 0;
        bytes = 0;
        if (deliveries.length > 16) {
            deliveries = new Delivery[16];
            sequences = new long[16];
            batches = new long[16];
        }
    }

    private void clear(int offset) {
        Delivery delivery = deliveries[index(offset)];
        if (delivery != null) {
            deliveries[index(offset)] = null;
            count--;
            bytes -= size(delivery);
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
        deliveries = grownDeliveries;
        sequences = grownSequences;
        batches = grownBatches;
        head = 0;
    }

    private static long size(Delivery delivery) {
        return (long) delivery.message().bytes().length + OVERHEAD_BYTES;
    }
}
