// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.message.Payload;
import io.sluice.topic.Qos;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * One message of the load, and its payload: who published it, on which topic, the how-manieth it is there, and bytes that follow from
 * these, most of them few, some many.
 *
 * @param sequence counts from 0 for each publisher and topic
 */
record CrashMessage(int publisher, int topic, int sequence) {

    static final int TOPICS = 3;

    private static final int RETAINED_TOPIC = 2;
    private static final int MARK = 0x51_0C_E0_AE;
    private static final int HEAD_BYTES = 16;

    static CrashMessage decoded(Payload payload) {
        ByteBuffer buffer = payload.asBuffer();
        if (buffer.remaining() < HEAD_BYTES || buffer.getInt() != MARK) {
            throw new AssertionError("not a payload of the load: " + payload);
        }
        CrashMessage message = new CrashMessage(buffer.getInt(), buffer.getInt(), buffer.getInt());
        if (!message.payload().equals(payload)) {
            throw new AssertionError("the payload of " + message + " has changed");
        }
        return message;
    }

    Payload payload() {
        SplittableRandom random = new SplittableRandom(((long) publisher << 40) ^ ((long) topic << 32) ^ sequence);
        byte[] filler = new byte[random.nextInt(random.nextInt(50) == 0 ? 20_000 : 500)];
        random.nextBytes(filler);
        ByteBuffer buffer = ByteBuffer.allocate(HEAD_BYTES + filler.length);
        buffer.putInt(MARK).putInt(publisher).putInt(topic).putInt(sequence).put(filler);
        return Payload.of(buffer.array());
    }

    String topicName() {
        return "load/p" + publisher + "/t" + topic;
    }

    boolean retain() {
        return topic == RETAINED_TOPIC;
    }

    /** A publisher has one QoS. */
    Qos qos() {
        return qosOf(publisher);
    }

    static Qos qosOf(int publisher) {
        return publisher % 2 == 0 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE;
    }
}
