// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.codec.PacketWriter;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A long outage: what waits for upstream is on disk, and not in memory. */
@Tag("process")
@Tag("wire")
@Timeout(240)
final class BacklogTest {

    private static final int BATCH = 500;
    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;
    private static final long ADDED_BYTES_MAX = 32 << 20;

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            bridges:
              cloud:
                upstream: {addresses: ["mqtt://127.0.0.1:1"]}
                rules: [{forward: "sensors/#"}]
            """;

    /** With a small heap, because a large one is filled before it is tidied, whatever waits. */
    @Test
    void backlogOfAMillion_upstreamAway_addsAtMost32MiBOfAnonymousMemory() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.startWithHeap("40m", YAML);
                RawClient publisher = RawClient.open(gateway.port(), ProtocolVersion.MQTT_3_1_1)) {
            publisher.connect("publisher", true, 0);
            byte[] batch = batch();
            publish(publisher, batch, FEW);
            long few = anonymousBytes(gateway);
            publish(publisher, batch, MANY - FEW);
            long many = anonymousBytes(gateway);

            assertThat(many - few).as("from %d to %d bytes", few, many).isLessThanOrEqualTo(ADDED_BYTES_MAX);

            gateway.kill();
            gateway.restart();
            assertThat(gateway.log()).contains("goes on with 1,000,000 messages");
        }
    }

    private static void publish(RawClient publisher, byte[] batch, int messages) throws IOException {
        for (int sent = 0; sent < messages; sent += BATCH) {
            publisher.sendBytes(batch);
            for (int i = 0; i < BATCH; i++) {
                publisher.expect(Packet.Puback.class);
            }
        }
    }

    private static byte[] batch() {
        Message message = Message.of(
                new TopicName("sensors/press-1"),
                Qos.AT_LEAST_ONCE,
                false,
                MessageProperties.none(),
                Message.NEVER,
                0,
                Payload.of(new byte[128]));
        PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_3_1_1);
        ByteBuf bytes = Unpooled.buffer();
        for (int packetId = 1; packetId <= BATCH; packetId++) {
            writer.publish(message, Qos.AT_LEAST_ONCE, false, false, packetId, List.of(), Message.NEVER, bytes);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    private static long anonymousBytes(GatewayProcess gateway) throws IOException {
        String key = "RssAnon:";
        return Files.readAllLines(Path.of("/proc/" + gateway.pid() + "/status")).stream()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
