// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.memory.Budget;
import java.util.function.LongSupplier;

/**
 * What the TLS engines of all clients take of the heap: the JDK's objects, which were measured, since nobody can ask them. A connection
 * for which there is no room is closed before its handshake. On the broker thread.
 */
final class TlsMemory {

    /** While hands are shaken, most of it for what was said so far: 18,300 bytes at the most, measured for TLS 1.2 and 1.3. */
    static final int HANDSHAKE_BYTES = 20 << 10;

    /** Afterwards: 7,400 bytes at the most, with a client's certificate. */
    static final int ENGINE_BYTES = 8 << 10;

    /** One part in so many is kept from handshakes, which anybody may begin, for clients that are known. */
    private static final int RESERVE = 4;

    private static final System.Logger LOG = System.getLogger(TlsMemory.class.getName());

    private final Budget budget;
    private final RareLog log;

    /** @param clock milliseconds */
    TlsMemory(Budget budget, LongSupplier clock) {
        this.budget = budget;
        this.log = new RareLog(LOG, clock);
    }

    /** Takes what a handshake needs, if there is room. */
    boolean begin(String peer) {
        if (budget.bytesLeft() - HANDSHAKE_BYTES < budget.bytesMax() / RESERVE) {
            budget.exhausted();
            log.warn("%s: no memory is left for another TLS connection (%s)".formatted(peer, budget));
            return false;
        }
        budget.add(HANDSHAKE_BYTES);
        return true;
    }

    void shaken() {
        budget.add(ENGINE_BYTES - HANDSHAKE_BYTES);
    }

    void end(boolean shaken) {
        budget.add(shaken ? -ENGINE_BYTES : -HANDSHAKE_BYTES);
    }
}
