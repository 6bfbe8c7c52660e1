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

    private long[] owners = new long[8];
    private long[] sequences = new long[8];
    private Qos[] qos = new Qos[8];
    private boolean[] retain = new boolean[8];
    private final List<List<Integer>> subscriptionIds = new ArrayList<>();
    private int count;

    public void clear() {
        count = 0;
        subscriptionIds.clear();
    }

    public void add(long owner, long sequence, Qos deliveryQos, boolean deliveryRetain, List<Integer> ids) {
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
