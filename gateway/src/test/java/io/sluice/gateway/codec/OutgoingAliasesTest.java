// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class OutgoingAliasesTest {

    private static int choose(OutgoingAliases aliases, String topic) {
        TopicName name = new TopicName(topic);
        int choice = aliases.choose(name, topic.length());
        if (choice < 0) {
            aliases.set(name, -choice);
        }
        return choice;
    }

    @Test
    @Statement({"MQTT-3.1.2-26", "MQTT-3.1.2-27"})
    void choose_withoutAnyAllowed_usesNone() {
        OutgoingAliases aliases = new OutgoingAliases(0, Room.ENOUGH);
        for (int i = 0; i < 10; i++) {
            assertThat(choose(aliases, "plant/7")).isZero();
        }
    }

    @Test
    void choose_topicThatComesAgain_getsAnAlias() {
        OutgoingAliases aliases = new OutgoingAliases(2, Room.ENOUGH);
        assertThat(List.of(choose(aliases, "a/1"), choose(aliases, "long/1"), choose(aliases, "a/1")))
                .containsExactly(0, 0, 0); // three bytes are what an alias costs
        assertThat(choose(aliases, "long/1")).isEqualTo(-1);
        assertThat(choose(aliases, "long/1")).isEqualTo(1);
        choose(aliases, "long/2");
        assertThat(choose(aliases, "long/2")).isEqualTo(-2);
        assertThat(choose(aliases, "long/1")).isEqualTo(1);
    }

    @Test
    void choose_withoutMemoryForAnotherTopic_usesThoseThatThereAre() {
        int[] left = {200};
        OutgoingAliases aliases = new OutgoingAliases(4, bytes -> {
            boolean fits = bytes <= left[0];
            left[0] -= fits ? bytes : 0;
            return fits;
        });
        choose(aliases, "long/1");
        assertThat(choose(aliases, "long/1")).isEqualTo(-1);
        choose(aliases, "long/2");
        assertThat(choose(aliases, "long/2")).isZero();
        assertThat(choose(aliases, "long/1")).isEqualTo(1);
        left[0] += 200;
        TopicName other = new TopicName("long/2");
        int before = left[0];
        int choice = aliases.choose(other, 6);
        assertThat(choice).isEqualTo(-2);
        aliases.forgo(other, -choice);
        assertThat(left[0]).isEqualTo(before);
    }

    @Test
    void choose_topicUsedMore_takesTheAliasThatIsUsedLeast() {
        OutgoingAliases aliases = new OutgoingAliases(2, Room.ENOUGH);
        for (int i = 0; i < 10; i++) {
            choose(aliases, "often");
        }
        choose(aliases, "seldom");
        choose(aliases, "seldom");
        assertThat(choose(aliases, "seldom")).isEqualTo(2);
        int choice = 0;
        for (int i = 0; i < 20 && choice == 0; i++) {
            choice = choose(aliases, "rising");
        }
        assertThat(choice).isEqualTo(-2);
        assertThat(choose(aliases, "often")).isEqualTo(1);
    }

    @Test
    void choose_randomTopics_neverMeansAnotherTopic() {
        for (long seed = 1; seed <= 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int maximum = random.nextInt(1, 20);
            OutgoingAliases aliases = new OutgoingAliases(maximum, Room.ENOUGH);
            Map<Integer, String> known = new HashMap<>();
            for (int i = 0; i < 10_000; i++) {
                String topic = "topic/" + (int) Math.abs(random.nextGaussian() * 15);
                int choice = choose(aliases, topic);
                assertThat(Math.abs(choice)).as("seed %d", seed).isLessThanOrEqualTo(maximum);
                if (choice < 0) {
                    known.put(-choice, topic);
                } else if (choice > 0) {
                    assertThat(known.get(choice)).as("seed %d", seed).isEqualTo(topic);
                }
            }
        }
    }

    @Test
    void publish_repeatedWithDup_carriesItsTopic() throws ProtocolException {
        PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
        writer.topicAliasMaximum(5);
        Message message = Packets.message("plant/7/temperature", "21", Qos.AT_LEAST_ONCE);
        ByteBuf first = written(writer, message, false);
        written(writer, message, false);
        ByteBuf aliased = written(writer, message, false);
        assertThat(aliased.readableBytes()).isLessThan(first.readableBytes());
        ByteBuf repeated = written(writer, message, true);
        assertThat(repeated.readableBytes()).isEqualTo(first.readableBytes());

        PacketReader reader = PacketReader.forClient(ProtocolVersion.MQTT_5, 1_000, () -> 0);
        reader.next(Unpooled.wrappedBuffer(new byte[] {0x20, 3, 0, 0, 0}));
        Packet.Publish publish = (Packet.Publish) reader.next(repeated);
        assertThat(publish.message().topic()).isEqualTo(message.topic());
        assertThat(publish.dup()).isTrue();
    }

    @Test
    void publish_aliasThatWouldNotFit_isLeftOutAndNotSet() {
        PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
        writer.topicAliasMaximum(5);
        Message message = Packets.message("plant/7/temperature", "21", Qos.AT_MOST_ONCE);
        int bytes = written(writer, message, false).readableBytes();
        writer.maximumPacketSize(bytes);
        assertThat(written(writer, message, false).readableBytes()).isEqualTo(bytes);
        writer.maximumPacketSize(bytes + 3);
        assertThat(written(writer, message, false).readableBytes()).isEqualTo(bytes + 3);
        assertThat(written(writer, message, false).readableBytes()).isLessThan(bytes);
    }

    private static ByteBuf written(PacketWriter writer, Message message, boolean dup) {
        ByteBuf out = Unpooled.buffer();
        assertThat(writer.publish(message, message.qos(), dup, false, 1, List.of(), Message.NEVER, out))
                .isTrue();
        return out;
    }
}
