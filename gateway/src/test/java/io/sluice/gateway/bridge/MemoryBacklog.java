// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.routing.Delivery;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A backlog that is only memory. */
final class MemoryBacklog implements Backlog {

    private final TreeMap<Long, Delivery> unsettled = new TreeMap<>();
    private final List<Long> settled = new ArrayList<>();
    private long sequences;
    private long handedOut;
    private int rewinds;
    private Runnable pump = () -> {};

    Delivery add(Message message) {
        Delivery delivery = new Delivery(++sequences, message, message.qos(), message.retain(), List.of(), false);
        unsettled.put(delivery.sequence(), delivery);
        pump.run();
        return delivery;
    }

    @Override
    public @Nullable Delivery next() {
        Iterator<Delivery> rest = unsettled.tailMap(handedOut, false).values().iterator();
        if (!rest.hasNext()) {
            return null;
        }
        Delivery delivery = rest.next();
        handedOut = delivery.sequence();
        return delivery;
    }

    @Override
    public void settle(long sequence) {
        if (unsettled.remove(sequence) == null) {
            throw new IllegalStateException("settled twice or never handed out: " + sequence);
        }
        settled.add(sequence);
    }

    /** As the journal does to make room. */
    void drop(long sequence) {
        unsettled.remove(sequence);
    }

    @Override
    public void rewind() {
        rewinds++;
        handedOut = 0;
    }

    @Override
    public void onReady(Runnable ready) {
        pump = ready;
    }

    @Override
    public void room(IntSupplier room) {}

    @Override
    public void stall() {}

    @Override
    public long depth() {
        return unsettled.size();
    }

    List<Long> settled() {
        return settled;
    }

    int rewinds() {
        return rewinds;
    }
}
