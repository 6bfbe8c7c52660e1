// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * netty-codec-mqtt as an oracle for valid packets, in both directions: what our writer wrote, Netty's decoder must understand, and
 * what Netty's encoder makes of that, our reader must understand as what it was.
 */
class NettyCodecDifferentialTest {

    private static final int ROUNDS = 1_000;
    private static final int PACKET_BYTES_MAX = 1_000_000;

    private final EmbeddedChannel netty =
            new EmbeddedChannel(MqttEncoder.INSTANCE, new MqttDecoder(PACKET_BYTES_MAX, PACKET_BYTES_MAX));

    @AfterEach
    void close() {
        assertThat(netty.finishAndReleaseAll())
                .as("nothing left in the channel")
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void codec_whatAClientSends_meansTheSameToNetty(ProtocolVersion version) throws ProtocolException {
        for (long seed = 0; seed < ROUNDS; seed++) {
            RandomPackets packets = new RandomPackets(new SplittableRandom(seed), version);
            PacketReader reader = PacketReader.forServer(PACKET_BYTES_MAX, () -> 0);
            Packet packet = packets.fromClient();
            Packet.Connect connect = packets.connect();
            for (int tries = 0; !fits(connect, packet); tries++) {
                assertThat(tries).as("seed %d", seed).isLessThan(10_000);
                connect = packets.connect();
            }
            agree(connect, new PacketWriter(version), reader, seed);
            agree(packet, new PacketWriter(version), reader, seed);
        }
    }

    /**
     * Whether the packet may follow the CONNECT: AUTH needs its authentication method. And Netty's encoder has no password without a
     * user name, which MQTT 5.0 allows.
     */
    private static boolean fits(Packet.Connect connect, Packet packet) {
        boolean encodable = connect.password().isEmpty() || connect.userName().isPresent();
        return encodable
                && (!(packet instanceof Packet.Auth auth)
                        || auth.authenticationMethod()
                                .equals(connect.properties().authenticationMethod()));
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void codec_whatAServerSends_meansTheSameToNetty(ProtocolVersion version) throws ProtocolException {
        netty.writeInbound(connectBytes(version));
        netty.<MqttMessage>readInbound();
        for (long seed = 0; seed < ROUNDS; seed++) {
            RandomPackets packets = new RandomPackets(new SplittableRandom(seed), version);
            PacketReader reader = PacketReader.forClient(version, PACKET_BYTES_MAX, () -> 0);
            PacketWriter writer = new PacketWriter(version);
            agree(packets.connack(), writer, reader, seed);
            agree(packets.fromServer(), writer, reader, seed);
        }
    }

    private static ByteBuf connectBytes(ProtocolVersion version) {
        ByteBuf out = Unpooled.buffer();
        RandomPackets packets = new RandomPackets(new SplittableRandom(0), version);
        assertThat(new PacketWriter(version).write(packets.connect(), out)).isTrue();
        return out;
    }

    private void agree(Packet packet, PacketWriter writer, PacketReader reader, long seed) throws ProtocolException {
        ByteBuf written = Unpooled.buffer();
        assertThat(writer.write(packet, written)).isTrue();
        String shown = "seed %d: %s %s".formatted(seed, PacketText.of(packet), ByteBufUtil.hexDump(written));

        netty.writeInbound(written);
        MqttMessage understood = netty.readInbound();
        assertThat(understood).as(shown).isNotNull();
        assertThat(understood.decoderResult().isSuccess())
                .as(shown + understood.decoderResult())
                .isTrue();
        assertSeen(packet, understood, shown);

        assertThat(netty.writeOutbound(understood)).as(shown).isTrue();
        ByteBuf encoded = netty.readOutbound();
        try {
            Packet again = reader.next(encoded);
            assertThat(again).as(shown).isNotNull();
            assertThat(PacketText.of(again)).isEqualTo(PacketText.of(packet));
            assertThat(encoded.isReadable()).as(shown).isFalse();
        } finally {
            encoded.release();
        }
    }

    /** A few fields as Netty sees them, so that two errors that undo each other would show. */
    private static void assertSeen(Packet packet, MqttMessage seen, String shown) {
        switch (packet) {
            case Packet.Publish it -> {
                MqttPublishMessage publish = (MqttPublishMessage) seen;
                assertThat(publish.variableHeader().topicName())
                        .isEqualTo(it.message().topic().value());
                assertThat(publish.fixedHeader().qosLevel().value())
                        .isEqualTo(it.message().qos().level());
                assertThat(publish.fixedHeader().isRetain())
                        .isEqualTo(it.message().retain());
                assertThat(publish.fixedHeader().isDup()).isEqualTo(it.dup());
                assertThat(ByteBufUtil.getBytes(publish.payload()))
                        .isEqualTo(it.message().payload().toBytes());
            }
            case Packet.Puback it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Pubrec it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Pubrel it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Pubcomp it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Subscribe it -> {
                assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
                assertThat(((MqttSubscribeMessage) seen).payload().topicSubscriptions())
                        .hasSize(it.subscriptions().size());
            }
            case Packet.Suback it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Unsubscribe it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Unsuback it -> assertThat(id(seen)).as(shown).isEqualTo(it.packetId());
            case Packet.Connect _,
                    Packet.Connack _,
                    Packet.Pingreq _,
                    Packet.Pingresp _,
                    Packet.Disconnect _,
                    Packet.Auth _ -> assertThat(seen.fixedHeader()).as(shown).isNotNull();
        }
    }

    private static int id(MqttMessage seen) {
        return ((MqttMessageIdVariableHeader) seen.variableHeader()).messageId();
    }
}
