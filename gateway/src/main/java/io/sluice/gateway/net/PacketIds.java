// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import java.util.BitSet;

/**
 * The packet identifiers of what was published on one connection and is not answered, each with the caller's token. One that is free
 * again is used again as late as possible. On the broker thread.
 */
final class PacketIds {

    private final long[] tokens;
    private final BitSet used;
    private int next;
    private int count;

    /** @param max how many may be in use at the same time, 1 to 65,535 */
    PacketIds(int max) {
        this.tokens = new long[max];
        this.used = new BitSet(max);
    }

    /** @throws IllegalStateException if all are in use, which is a bug of the caller */
    int take(long token) {
        if (count == tokens.length) {
            throw new IllegalStateException(
                    "more is published than upstream's " + tokens.length + " that may be under way");
        }
        int free = used.nextClearBit(next);
        if (free >= tokens.length) {
            free = used.nextClearBit(0);
        }
        used.set(free);
        tokens[free] = token;
        count++;
        next = free + 1 == tokens.length ? 0 : free + 1;
        return free + 1;
    }

    int count() {
        return count;
    }

    boolean isUsed(int packetId) {
        return packetId >= 1 && packetId <= tokens.length && used.get(packetId - 1);
    }

    /** Gives the identifier back; its token. */
    long release(int packetId) {
        used.clear(packetId - 1);
        count--;
        return tokens[packetId - 1];
    }
}
