// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import io.sluice.gateway.message.Payload;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a message of the load carries: who published it, on which of its topics, and the how-manieth it was there.
 *
 * @param sequence counts from 0 for each publisher and topic
 */
record LoadPayload(int publisher, int topic, int sequence) {

    private static final int BYTES = 64;
    private static final int MARK = 0x51_0C_E0_AD;

    Payload encoded() {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        buffer.putInt(MARK).putInt(publisher).putInt(topic).putInt(sequence);
        return Payload.of(buffer.array());
    }

    /** Empty if the payload is not one of the load's. */
    static Optional<LoadPayload> decoded(Payload payload) {
        ByteBuffer buffer = payload.asBuffer();
        if (buffer.remaining() != BYTES || buffer.getInt() != MARK) {
            return Optional.empty();
        }
        return Optional.of(new LoadPayload(buffer.getInt(), buffer.getInt(), buffer.getInt()));
    }
}
