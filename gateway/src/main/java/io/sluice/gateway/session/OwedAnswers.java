// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.SafeInOrder;
import io.sluice.gateway.packet.Packet;
import java.util.function.Consumer;

/**
 * What one connection is still to be told, in order: an answer leaves only when the journal has what it vouches for, and those before
 * it have left. Ends with the connection, so that no answer ever goes to another one.
 */
final class OwedAnswers {

    private final Journal journal;
    private final Ingress ingress;
    private final Consumer<Packet> send;
    private final SafeInOrder<Packet> owed;

    /** @param send takes the answers that may go out */
    OwedAnswers(Journal journal, Ingress ingress, Consumer<Packet> send) {
        this.journal = journal;
        this.ingress = ingress;
        this.send = send;
        this.owed = new SafeInOrder<>(journal, this::leave);
    }

    /** @param receipt the journal's, which must be safe before, or 0 */
    void owe(Packet packet, long receipt) {
        if (owed.count() == 0 && journal.isSafe(receipt)) {
            send.accept(packet);
        } else {
            ingress.owe(1);
            owed.add(packet, receipt);
        }
    }

    private void leave(Packet packet) {
        ingress.owe(-1);
        send.accept(packet);
    }

    /** The first one may go, whatever it waits for. */
    void leaveFirst() {
        owed.leaveFirst();
    }

    int count() {
        return owed.count();
    }

    void end() {
        ingress.owe(-owed.count());
        owed.end();
    }
}
