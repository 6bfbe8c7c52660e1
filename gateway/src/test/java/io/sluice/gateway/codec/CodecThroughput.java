// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/** Prints how fast a QoS 1 PUBLISH of 64 payload bytes is decoded and encoded, and what it allocates. Run by hand. */
final class CodecThroughput {

    private static final int BATCH = 400;
    private static final int BATCHES = 20_000;

    private CodecThroughput() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws ProtocolException {
        for (boolean properties : new boolean[] {false, true}) {
            for (int round = 0; round < 5; round++) {
                measure(properties);
            }
        }
    }

    private static Message message(boolean withProperties) {
        MessageProperties properties = withProperties
                ? MessageProperties.builder()
                        .contentType("text/plain")
                        .userProperty("unit", "bar")
                        .build()
                : MessageProperties.none();
        return Message.of(
                new TopicName("plant-7/hall-2/boiler/pressure"),
                Qos.AT_LEAST_ONCE,
                false,
                properties,
                Message.NEVER,
                0,
                Payload.of(new byte[64]));
    }

    private static void measure(boolean withProperties) throws ProtocolException {
        Message message = message(withProperties);
        long expirySeconds = withProperties ? 60 : Message.NEVER;
        PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
        PacketReader reader = PacketReader.forServer(1_000_000, () -> 0);
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(BATCH * 256);
        writer.write(
                new Packet.Connect(
                        ProtocolVersion.MQTT_5,
                        "c",
                        true,
                        0,
                        Packet.ConnectProperties.defaults(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                buffer);
        reader.next(buffer);

        long encodeNanos = 0;
        long decodeNanos = 0;
        long allocated = 0;
        long payloadBytes = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            buffer.clear();
            long begin = System.nanoTime();
            for (int i = 1; i <= BATCH; i++) {
                writer.publish(message, Qos.AT_LEAST_ONCE, false, false, i, List.of(), expirySeconds, buffer);
            }
            long encoded = System.nanoTime();
            long before = allocatedBytes();
            long start = System.nanoTime();
            for (Packet packet = reader.next(buffer); packet != null; packet = reader.next(buffer)) {
                payloadBytes += ((Packet.Publish) packet).message().payloadBytes();
            }
            decodeNanos += System.nanoTime() - start;
            allocated += allocatedBytes() - before;
            encodeNanos += encoded - begin;
        }
        buffer.release();
        double count = (double) BATCH * BATCHES;
        System.out.printf(
                "%s properties: encode %.1f M/s, decode %.1f M/s, %.0f bytes allocated a decode (%d)%n",
                withProperties ? "with" : "no",
                count * 1e3 / encodeNanos,
                count * 1e3 / decodeNanos,
                allocated / count,
                payloadBytes);
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
