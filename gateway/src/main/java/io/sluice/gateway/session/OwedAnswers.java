// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.packet.Packet;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * What one connection is still to be told, in order: an answer leaves only when the journal has what it vouches for, and those before
 * it have left. Ends with the connection, so that no answer ever goes to another one.
 */
final class OwedAnswers {

    private final Journal journal;
    private final Ingress ingress;
    private final Consumer<Packet> send;
    private final Queue<Owed> owed = new ArrayDeque<>();
    private boolean waiting;
    private boolean ended;

    private record Owed(Packet packet, long batch) {}

    /** @param send takes the answers that may go out */
    OwedAnswers(Journal journal, Ingress ingress, Consumer<Packet> send) {
        this.journal = journal;
        this.ingress = ingress;
        this.send = send;
    }

    /** @param batch the journal's batch that must be safe before, or 0 */
    void owe(Packet packet, long batch) {
        if (owed.isEmpty() && journal.isForced(batch)) {
            send.accept(packet);
            return;
        }
        owed.add(new Owed(packet, batch));
        ingress.owe(1);
        await();
    }

    int count() {
        return owed.size();
    }

    void end() {
        ended = true;
        ingress.owe(-owed.size());
        owed.clear();
    }

    private void await() {
        Owed head = owed.peek();
        if (head != null && !waiting) {
            waiting = true;
            journal.whenForced(head.batch(), this::leave);
        }
    }

    private void leave() {
        waiting = false;
        if (ended) {
            return;
        }
        for (Owed head = owed.peek(); head != null && journal.isForced(head.batch()); head = owed.peek()) {
            owed.remove();
            ingress.owe(-1);
            send.accept(head.packet());
        }
        await();
    }
}
