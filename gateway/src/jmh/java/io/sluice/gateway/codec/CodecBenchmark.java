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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** A QoS 1 PUBLISH of 64 payload bytes, encoded and decoded. */
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {

    private static final int BATCH = 400;

    @Param({"false", "true"})
    private boolean properties;

    private final PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
    private final PacketReader reader = PacketReader.forServer(1_000_000, () -> 0);
    private final ByteBuf encoded = PooledByteBufAllocator.DEFAULT.directBuffer(BATCH * 256);
    private final ByteBuf scratch = PooledByteBufAllocator.DEFAULT.directBuffer(BATCH * 256);
    private Message message = message(MessageProperties.none());
    private long expirySeconds = Message.NEVER;

    private static Message message(MessageProperties properties) {
        return Message.of(
                new TopicName("plant-7/hall-2/boiler/pressure"),
                Qos.AT_LEAST_ONCE,
                false,
                properties,
                Message.NEVER,
                0,
                Payload.of(new byte[64]));
    }

    /** Encodes what is decoded later. */
    @Setup
    public void encodeOnce() throws ProtocolException {
        if (properties) {
            message = message(MessageProperties.builder()
                    .contentType("text/plain")
                    .userProperty("unit", "bar")
                    .build());
            expirySeconds = 60;
        }
        connect();
        write(encoded);
    }

    private void connect() throws ProtocolException {
        Packet connect = new Packet.Connect(
                ProtocolVersion.MQTT_5,
                "c",
                true,
                0,
                Packet.ConnectProperties.defaults(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        writer.write(connect, scratch);
        reader.next(scratch);
    }

    private void write(ByteBuf into) {
        into.clear();
        for (int i = 1; i <= BATCH; i++) {
            writer.publish(message, Qos.AT_LEAST_ONCE, false, false, i, List.of(), expirySeconds, into);
        }
    }

    /** Message to bytes. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public ByteBuf encode() {
        write(scratch);
        return scratch;
    }

    /** Bytes to packet. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void decode(Blackhole hole) throws ProtocolException {
        encoded.readerIndex(0);
        for (Packet packet = reader.next(encoded); packet != null; packet = reader.next(encoded)) {
            hole.consume(packet);
        }
    }

    /** Gives the buffers back. */
    @TearDown
    public void release() {
        encoded.release();
        scratch.release();
    }
}
