// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The deliveries in an outbox that are another outbox's until they are settled. Lives on the broker thread. */
final class Borrowed {

    private final NavigableMap<Long, Loan> loans = new TreeMap<>();

    /** @param sequence the one under which the borrower has it */
    void add(long sequence, Loan loan) {
        loans.put(sequence, loan);
    }

    @Nullable
    Loan get(long sequence) {
        return loans.get(sequence);
    }

    boolean has(long sequence) {
        return loans.containsKey(sequence);
    }

    /** The borrower is done with a delivery; whether it is a borrowed one. */
    boolean settled(long sequence) {
        Loan loan = loans.isEmpty() ? null : loans.remove(sequence);
        if (loan != null) {
            loan.settle();
        }
        return loan != null;
    }

    /**
     * Gives everything back, except what was sent with QoS 2, which nobody else may get [MQTT-4.8.2-5].
     *
     * @param queue what the borrower has in memory
     * @return the sequences with which the borrower is done
     */
    List<Long> returnAll(DeliveryQueue queue) {
        List<Long> sequences = new ArrayList<>(loans.keySet());
        List<Loan> ended = List.copyOf(loans.values());
        loans.clear();
        for (int i = 0; i < ended.size(); i++) {
            Delivery sent = queue.handedOut(sequences.get(i));
            if (sent != null && sent.qos() == Qos.EXACTLY_ONCE) {
                ended.get(i).settle();
            } else {
                ended.get(i).giveBack();
            }
        }
        return sequences;
    }
}
