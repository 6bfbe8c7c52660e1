// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import java.util.BitSet;

/**
 * The QoS 2 packet identifiers that a client has sent and not released: for the session. What comes again with one of them is the
 * same message (MQTT 5.0 section 4.3.3).
 */
final class ReceiveWindow {

    /** The journal has the same bits. */
    private static final int COPIES = 2;

    private final BitSet packetIds;
    private final StateMemory memory;
    private long counted;

    /** @param packetIds those that are known from before */
    ReceiveWindow(BitSet packetIds, StateMemory memory) {
        this.packetIds = packetIds;
        this.memory = memory;
        measure();
    }

    /** Whether there is memory to note the identifier. */
    boolean hasRoomFor(int packetId) {
        return packetId < packetIds.size() || memory.hasRoom((long) COPIES * packetId / Byte.SIZE);
    }

    /** Notes an identifier; false if it was known, and the PUBLISH that carries it is a repetition [MQTT-4.3.3-10]. */
    boolean receive(int packetId) {
        if (packetIds.get(packetId)) {
            return false;
        }
        packetIds.set(packetId);
        measure();
        return true;
    }

    private void measure() {
        long bytes = (long) COPIES * packetIds.size() / Byte.SIZE;
        memory.add(bytes - counted);
        counted = bytes;
    }

    /** PUBREL: the identifier may be used again; false if it was not known. */
    boolean release(int packetId) {
        boolean known = packetIds.get(packetId);
        packetIds.clear(packetId);
        return known;
    }

    int count() {
        return packetIds.cardinality();
    }

    /** The session has ended. */
    void end() {
        memory.add(-counted);
        counted = 0;
    }
}
