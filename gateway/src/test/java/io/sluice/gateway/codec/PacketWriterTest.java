// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.Statement;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PacketWriterTest {

    private static final Explanation LONG =
            new Explanation(Optional.of("because"), List.of(new UserProperty("name", "value")));

    private final ByteBuf out = Unpooled.buffer();
    private final PacketWriter five = new PacketWriter(ProtocolVersion.MQTT_5);
    private final PacketWriter three = new PacketWriter(ProtocolVersion.MQTT_3_1_1);

    static Stream<Packet> explained() {
        return Stream.of(
                new Packet.Connack(
                        false, ReasonCode.NOT_AUTHORIZED, Packet.ConnackProperties.refusing(Optional.empty(), LONG)),
                new Packet.Puback(1, ReasonCode.NOT_AUTHORIZED, LONG),
                new Packet.Pubrec(1, ReasonCode.NOT_AUTHORIZED, LONG),
                new Packet.Pubrel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, LONG),
                new Packet.Pubcomp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, LONG),
                new Packet.Suback(1, List.of(ReasonCode.NOT_AUTHORIZED), LONG),
                new Packet.Unsuback(1, List.of(ReasonCode.NOT_AUTHORIZED), LONG),
                new Packet.Disconnect(ReasonCode.SERVER_BUSY, OptionalLong.empty(), Optional.empty(), LONG),
                new Packet.Auth(ReasonCode.CONTINUE_AUTHENTICATION, Optional.of("m"), Optional.empty(), LONG));
    }

    @Test
    void publishAs_anotherTopic_carriesEverythingElse() throws ProtocolException {
        MessageProperties properties =
                MessageProperties.builder().userProperty("a", "b").build();
        Message message =
                Message.of(new TopicName("local/x"), Qos.AT_LEAST_ONCE, false, properties, 9, 0, Payload.ofText("on"));
        TopicName topic = new TopicName("site/grüße");
        assertThat(five.publishAs(topic, message, Qos.AT_LEAST_ONCE, true, 7, 5, out))
                .isTrue();
        Packet.Publish read = (Packet.Publish) decode(out);
        assertThat(read.packetId()).isEqualTo(7);
        assertThat(read.message().topic()).isEqualTo(topic);
        assertThat(read.message().retain()).isTrue();
        assertThat(read.message().expirySeconds()).isEqualTo(5);
        assertThat(read.message().properties()).isEqualTo(properties);
        assertThat(read.message().payload()).isEqualTo(Payload.ofText("on"));
    }

    @Test
    void publishAs_underAnotherTopic_hasTheAliasOfThatTopic() {
        five.topicAliasMaximum(5);
        Message message = Message.of(
                new TopicName("local/x"),
                Qos.AT_MOST_ONCE,
                false,
                MessageProperties.none(),
                Message.NEVER,
                0,
                Payload.ofText("on"));
        for (int i = 0; i < 3; i++) {
            five.publishAs(new TopicName("site/x"), message, Qos.AT_MOST_ONCE, false, 0, Message.NEVER, out.clear());
        }
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("3008" + "0000" + "03230001" + "6f6e");
    }

    @ParameterizedTest
    @MethodSource("explained")
    @Statement({
        "MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2", "MQTT-3.5.2-3",
        "MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3", "MQTT-3.9.2-1", "MQTT-3.9.2-2",
        "MQTT-3.11.2-1", "MQTT-3.11.2-2", "MQTT-3.14.2-3", "MQTT-3.14.2-4", "MQTT-3.15.2-2", "MQTT-3.15.2-3"
    })
    void write_explanationTooLong_isLeftOutBeforeThePacketIs(Packet packet) throws ProtocolException {
        assertThat(five.write(packet, out)).isTrue();
        int full = out.readableBytes();
        assertThat(PacketText.of(decode(out))).contains("because=because", "user=name:value");

        for (int max = full; max > 0; max--) {
            out.clear();
            five.maximumPacketSize(max);
            if (!five.write(packet, out)) {
                assertThat(out.isReadable())
                        .as("at %d bytes nothing is written", max)
                        .isFalse();
                assertThat(max)
                        .as("given up only when the bare packet is too long")
                        .isLessThan(13);
                continue;
            }
            assertThat(out.readableBytes()).isLessThanOrEqualTo(max);
            if (max < full) {
                assertThat(PacketText.of(decode(out))).doesNotContain("because=because user=");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("explained")
    @Statement("MQTT-3.1.2-29")
    void write_problemInformationUnwanted_onlyConnackAndDisconnectExplain(Packet packet) throws ProtocolException {
        five.problemInformation(false);

        assertThat(five.write(packet, out)).isTrue();

        boolean mayExplain = packet instanceof Packet.Connack || packet instanceof Packet.Disconnect;
        assertThat(PacketText.of(decode(out)).contains("because=")).isEqualTo(mayExplain);
        assertThat(PacketText.of(decode(out)).contains("user=")).isEqualTo(mayExplain);
    }

    @Test
    void write_explanationAtTheExactLimit_isKept() {
        Packet packet = new Packet.Puback(1, ReasonCode.QUOTA_EXCEEDED, Explanation.of("full"));
        five.maximumPacketSize(13);

        assertThat(five.write(packet, out)).isTrue();

        assertThat(hex()).isEqualTo("400b0001970" + "71f000466756c6c");
    }

    @Test
    @Statement("MQTT-3.1.2-24")
    void publish_longerThanTheReceiverTakes_writesNothing() {
        Message message = message("t", MessageProperties.none(), "12345678");
        five.maximumPacketSize(14);
        assertThat(five.publish(message, Qos.AT_LEAST_ONCE, false, false, 1, List.of(), Message.NEVER, out))
                .as("15 bytes into 14")
                .isFalse();
        assertThat(out.isReadable()).isFalse();

        five.maximumPacketSize(16);
        assertThat(five.publish(message, Qos.AT_LEAST_ONCE, false, false, 1, List.of(), Message.NEVER, out))
                .isTrue();
        assertThat(out.readableBytes()).isEqualTo(16);
    }

    @Test
    void success_receiverTakesThreeBytes_writesNothing() {
        five.maximumPacketSize(3);

        assertThat(five.puback(1, out)).isFalse();
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    @Statement({"MQTT-3.3.2-6", "MQTT-3.3.4-3", "MQTT-3.3.1-3"})
    void publish_headerOfThisDelivery_isItsOwn() throws ProtocolException {
        Message message =
                message("t", MessageProperties.builder().contentType("c").build(), "x");

        five.publish(message, Qos.EXACTLY_ONCE, true, true, 700, List.of(1, 300), 59, out);

        assertThat(PacketText.of(decode(out)))
                .isEqualTo("PUBLISH topic=t qos=2 retain message-expiry=59 type=c payload=x id=700 dup"
                        + " subscription=1 subscription=300");
    }

    @Test
    @Statement("MQTT-2.2.1-2")
    void publish_qos0_hasNoPacketIdentifier() {
        five.publish(
                message("t", MessageProperties.none(), "x"), Qos.AT_MOST_ONCE, false, false, 9, List.of(), -1, out);

        assertThat(hex()).isEqualTo("3005" + "000174" + "00" + "78");
    }

    @Test
    void publish_toVersion3_leavesPropertiesOut() {
        MessageProperties properties =
                MessageProperties.builder().userProperty("a", "b").build();

        three.publish(message("t", properties, "x"), Qos.AT_LEAST_ONCE, false, false, 9, List.of(5), 60, out);

        assertThat(hex()).isEqualTo("3206" + "000174" + "0009" + "78");
    }

    @Test
    @Statement({"MQTT-2.2.1-5", "MQTT-2.1.3-1"})
    void success_fourAcknowledgements_areFourBytes() {
        five.puback(1, out);
        five.pubrec(65_535, out);
        three.pubrel(0x1234, out);
        three.pubcomp(0x8000, out);

        assertThat(hex()).isEqualTo("40020001" + "5002ffff" + "62021234" + "70028000");
    }

    @ParameterizedTest
    @CsvSource({
        "SUCCESS, 00",
        "UNSUPPORTED_PROTOCOL_VERSION, 01",
        "CLIENT_IDENTIFIER_NOT_VALID, 02",
        "SERVER_UNAVAILABLE, 03",
        "SERVER_BUSY, 03",
        "BAD_USER_NAME_OR_PASSWORD, 04",
        "NOT_AUTHORIZED, 05",
        "BANNED, 05"
    })
    void connack_toVersion3_hasItsReturnCode(ReasonCode reason, String code) {
        assertThat(three.write(new Packet.Connack(false, reason, Packet.ConnackProperties.none()), out))
                .isTrue();

        assertThat(hex()).isEqualTo("200200" + code);
    }

    @Test
    void connack_toVersion3WithoutReturnCode_isNotWritten() {
        Packet packet = new Packet.Connack(false, ReasonCode.MALFORMED_PACKET, Packet.ConnackProperties.none());

        assertThat(three.write(packet, out)).isFalse();
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void suback_toVersion3_saysEveryFailureAs80() {
        three.write(new Packet.Suback(7, List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.QUOTA_EXCEEDED), LONG), out);

        assertThat(hex()).isEqualTo("9004" + "0007" + "02" + "80");
    }

    @Test
    void unsuback_toVersion3_hasNoReasons() {
        three.write(new Packet.Unsuback(7, List.of(ReasonCode.SUCCESS), LONG), out);

        assertThat(hex()).isEqualTo("b002" + "0007");
    }

    private static Message message(String topic, MessageProperties properties, String payload) {
        return Message.of(
                new TopicName(topic), Qos.AT_LEAST_ONCE, false, properties, Message.NEVER, 0, Payload.ofText(payload));
    }

    /** Decodes what a server has written; PUBREL and AUTH too. */
    private static Packet decode(ByteBuf written) throws ProtocolException {
        PacketReader reader = PacketReader.forClient(ProtocolVersion.MQTT_5, 1_000, () -> 0);
        if (written.getByte(0) != 0x20) {
            reader.next(Unpooled.wrappedBuffer(new byte[] {0x20, 3, 0, 0, 0}));
        }
        Packet packet = reader.next(written.duplicate());
        assertThat(packet).isNotNull();
        return packet;
    }

    private String hex() {
        return ByteBufUtil.hexDump(out);
    }
}
