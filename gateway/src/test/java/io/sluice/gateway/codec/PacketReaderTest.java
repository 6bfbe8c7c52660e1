// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.Statement;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PacketReaderTest {

    private static final String CONNECT_5 = "100E00044D5154540502000000000163";
    private static final String CONNECT_3 = "100D00044D51545404020000000163";

    private long now = 1_000;
    private final PacketReader reader = PacketReader.forServer(1_000, () -> now);

    @Test
    void version_connectRead_isTheClients() throws ProtocolException {
        assertThat(reader.version()).isEmpty();

        reader.next(bytes(CONNECT_3));

        assertThat(reader.version()).contains(ProtocolVersion.MQTT_3_1_1);
    }

    @Test
    @Statement("MQTT-3.1.2-2")
    void version_connectRefused_tellsHowToAnswer() {
        assertThat(versionAfter("100E00044D5154540602000000000163")).contains(ProtocolVersion.MQTT_5);
        assertThat(versionAfter("100D00044D51545403020000000163")).contains(ProtocolVersion.MQTT_3_1_1);
        assertThat(versionAfter("100E00064D5149736470030200000000")).contains(ProtocolVersion.MQTT_3_1_1);
        assertThat(versionAfter("100D00044D51545404030000000163")).contains(ProtocolVersion.MQTT_3_1_1);
        assertThat(versionAfter("100E00044D5154540503000000000163")).contains(ProtocolVersion.MQTT_5);
        assertThat(versionAfter("100D00044845454405020000000163")).isEmpty();
        assertThat(versionAfter("3000")).isEmpty();
    }

    private Optional<ProtocolVersion> versionAfter(String connect) {
        PacketReader refused = PacketReader.forServer(1_000, () -> now);
        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> refused.next(bytes(connect)));
        return refused.version();
    }

    @Test
    void next_moreObjectsThanOnePacketMayMake_isRefused() throws ProtocolException {
        refusesForQuota("82" + "A39902" + "000100" + "00016100".repeat(9_000)); // topic filters
        refusesForQuota("82" + "F82E" + "0001" + "F02E" + "2600000000".repeat(1_200) + "00016100"); // user properties
    }

    private void refusesForQuota(String packet) throws ProtocolException {
        PacketReader large = PacketReader.forServer(1 << 20, () -> now);
        large.next(bytes(CONNECT_5));
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> large.next(bytes(packet)))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED));
    }

    @Test
    void next_publish_notesWhenItWasReceived() throws ProtocolException {
        reader.next(bytes(CONNECT_5));
        now = 77;

        assertThat(publish("3006" + "000161" + "00" + "6869").receivedAt()).isEqualTo(77);
    }

    @Test
    void next_repeatedTopic_isNotDecodedAgain() throws ProtocolException {
        reader.next(bytes(CONNECT_5));

        TopicName first = publish("3004" + "000161" + "00").topic();
        TopicName other = publish("3004" + "000162" + "00").topic();

        assertThat(publish("3004" + "000161" + "00").topic()).isSameAs(first);
        assertThat(publish("3004" + "000162" + "00").topic()).isSameAs(other);
    }

    @Test
    void next_moreTopicsThanAreRemembered_eachIsItsOwn() throws ProtocolException {
        reader.next(bytes(CONNECT_5));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20 * PublishReader.TOPICS; i++) {
                String name = "sensors/" + i;
                ByteBuf in = Unpooled.buffer();
                in.writeByte(0x30).writeByte(3 + name.length()).writeShort(name.length());
                in.writeBytes(name.getBytes(StandardCharsets.UTF_8)).writeByte(0);
                Packet.Publish publish = (Packet.Publish) reader.next(in);
                assertThat(publish.message().topic().value()).isEqualTo(name);
            }
        }
    }

    @Test
    void next_message_outlivesTheBufferItCameFrom() throws ProtocolException {
        reader.next(bytes(CONNECT_5));
        ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer();
        in.writeZero(3).skipBytes(3);
        in.writeBytes(bytes("3006" + "000161" + "00" + "6869" + "30"));

        Message message = ((Packet.Publish) reader.next(in)).message();
        assertThat(in.readableBytes()).as("the next packet's first byte").isEqualTo(1);
        assertThat(in.refCnt()).isEqualTo(1);
        in.setZero(0, in.writerIndex()).release();

        assertThat(message.payload().text()).isEqualTo("hi");
        assertThat(message.topic().value()).isEqualTo("a");
    }

    @Test
    void next_announcedTooLong_isRefusedBeforeItIsThere() throws ProtocolException {
        reader.next(bytes(CONNECT_5));

        assertThat(reader.next(bytes("30E507")))
                .as("997 bytes follow, 1,000 in all")
                .isNull();
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> reader.next(bytes("30E607")))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(ReasonCode.PACKET_TOO_LARGE))
                .withMessage("packet must not exceed 1000 bytes, announces 1001");
    }

    @Test
    @Statement({"MQTT-3.3.2-7", "MQTT-3.3.2-12"})
    void topicAliasMaximum_setAfterConnect_countsForThisConnectionOnly() throws ProtocolException {
        reader.next(bytes(CONNECT_5));
        reader.topicAliasMaximum(2);
        publish("3007" + "000161" + "03230002");

        assertThat(publish("3006" + "0000" + "03230002").topic().value()).isEqualTo("a");

        PacketReader next = PacketReader.forServer(1_000, () -> now);
        next.topicAliasMaximum(2);
        next.next(bytes(CONNECT_5));
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> next.next(bytes("3006" + "0000" + "03230002")))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(ReasonCode.PROTOCOL_ERROR));
    }

    private Message publish(String hex) throws ProtocolException {
        return ((Packet.Publish) reader.next(bytes(hex))).message();
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
    }
}
