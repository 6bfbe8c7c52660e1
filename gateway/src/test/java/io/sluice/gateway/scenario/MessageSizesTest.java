// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.Packets;
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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small and large messages that leave in one turn: they gather in different places, and must come out in their order. */
@Tag("wire")
final class MessageSizesTest {

    private static final int MESSAGES = 200;
    private static final int LARGE_BYTES = 70_000;

    @ParameterizedTest
    @EnumSource
    void messages_ofAllSizesInOneTurn_arriveWholeAndInOrder(ProtocolVersion version) throws IOException {
        SplittableRandom random = new SplittableRandom(41);
        List<Payload> payloads = payloads(random);
        try (RunningGateway gateway = RunningGateway.start();
                RawClient subscriber = gateway.connected("subscriber", version);
                RawClient publisher = gateway.connected("publisher", version)) {
            subscriber.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            for (Qos qos : List.of(Qos.AT_MOST_ONCE, Qos.AT_LEAST_ONCE)) {
                publisher.sendBytes(bytes(version, qos, payloads));
                for (Payload payload : payloads) {
                    Packet.Publish publish = subscriber.expect(Packet.Publish.class);
                    assertThat(publish.message().payload()).isEqualTo(payload);
                    if (qos == Qos.AT_LEAST_ONCE) {
                        subscriber.settle(publish);
                    }
                }
            }
            for (int i = 1; i <= MESSAGES; i++) {
                assertThat(publisher.expect(Packet.Puback.class).packetId()).isEqualTo(i);
            }
        }
    }

    /** Around the sizes at which a message is put elsewhere, and anything between. */
    private static List<Payload> payloads(SplittableRandom random) {
        List<Payload> payloads = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            int bytes = switch (random.nextInt(8)) {
                case 0 -> random.nextInt(2_000, 2_060);
                case 1 -> random.nextInt(200, 270);
                case 2 -> random.nextInt(1_000, 4_200);
                case 3 -> i % 10 == 3 ? LARGE_BYTES : 0;
                default -> random.nextInt(100);
            };
            byte[] content = new byte[bytes];
            random.nextBytes(content);
            payloads.add(Payload.of(content));
        }
        return payloads;
    }

    private static byte[] bytes(ProtocolVersion version, Qos qos, List<Payload> payloads) {
        PacketWriter writer = new PacketWriter(version);
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < payloads.size(); i++) {
            Message message = Message.of(
                    new TopicName("a"), qos, false, MessageProperties.none(), Message.NEVER, 0, payloads.get(i));
            int packetId = qos == Qos.AT_MOST_ONCE ? 0 : i + 1;
            assertThat(writer.write(Packets.publish(message, packetId), out)).isTrue();
        }
        return ByteBufUtil.getBytes(out);
    }
}
