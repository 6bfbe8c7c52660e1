// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Those who must have a message durably, and how each gets it. Filled anew for each message, so that routing allocates nothing.
 * Lives on the broker thread.
 */
public final class Receivers {

    private long[] owners;
    private long[] sequences;
    private Qos[] qos;
    private boolean[] retain;
    private final List<List<Integer>> subscriptionIds;
    private int count;
    private boolean settleSoon = true;

    public Receivers() {
        this(8);
    }

    private Receivers(int capacity) {
        owners = new long[capacity];
        sequences = new long[capacity];
        qos = new Qos[capacity];
        retain = new boolean[capacity];
        subscriptionIds = new ArrayList<>(capacity);
    }

    public void clear() {
        count = 0;
        subscriptionIds.clear();
        settleSoon = true;
    }

    public void add(long owner, long sequence, Qos deliveryQos, boolean deliveryRetain, List<Integer> ids) {
        add(owner, sequence, deliveryQos, deliveryRetain, ids, false);
    }

    /** @param soon whether this one can be expected to settle it soon */
    public void add(
            long owner, long sequence, Qos deliveryQos, boolean deliveryRetain, List<Integer> ids, boolean soon) {
        settleSoon &= soon;
        if (count == owners.length) {
            owners = Arrays.copyOf(owners, 2 * count);
            sequences = Arrays.copyOf(sequences, 2 * count);
            qos = Arrays.copyOf(qos, 2 * count);
            retain = Arrays.copyOf(retain, 2 * count);
        }
        owners[count] = owner;
        sequences[count] = sequence;
        qos[count] = deliveryQos;
        retain[count] = deliveryRetain;
        subscriptionIds.add(ids);
        count++;
    }

    public int count() {
        return count;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** Whether there are some, and all can be expected to settle the message soon. */
    boolean settleSoon() {
        return settleSoon && count > 0;
    }

    /** The same, to be kept beyond the message. */
    Receivers copy() {
        Receivers copy = new Receivers(Math.max(1, count));
        for (int i = 0; i < count; i++) {
            copy.add(owners[i], sequences[i], qos[i], retain[i], subscriptionIds.get(i), true);
        }
        return copy;
    }

    /** Leaves one out. */
    void remove(long owner, long sequence) {
        for (int i = 0; i < count; i++) {
            if (owners[i] == owner && sequences[i] == sequence) {
                count--;
                for (int j = i; j < count; j++) {
                    owners[j] = owners[j + 1];
                    sequences[j] = sequences[j + 1];
                    qos[j] = qos[j + 1];
                    retain[j] = retain[j + 1];
                }
                subscriptionIds.remove(i);
                return;
            }
        }
    }

    long owner(int index) {
        return owners[index];
    }

    long sequence(int index) {
        return sequences[index];
    }

    Qos qos(int index) {
        return qos[index];
    }

    boolean retain(int index) {
        return retain[index];
    }

    List<Integer> subscriptionIds(int index) {
        return subscriptionIds.get(index);
    }
}
