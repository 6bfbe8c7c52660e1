// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seeded: valid packets survive the round trip, and damaged ones are decoded or refused and nothing else. */
class CodecMutationTest {

    private static final int ROUNDS = 5_000;
    private static final int PACKET_BYTES_MAX = 200_000;

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void codec_randomValidPackets_surviveTheRoundTrip(ProtocolVersion version) throws ProtocolException {
        for (long seed = 0; seed < ROUNDS; seed++) {
            RandomPackets packets = new RandomPackets(new SplittableRandom(seed), version);
            Written written = Written.of(packets, version, seed);
            PacketReader reader = written.reader(version);
            Packet decoded = reader.next(written.bytes());
            assertThat(decoded).as("seed %d", seed).isNotNull();
            assertThat(PacketText.of(decoded)).as("seed %d", seed).isEqualTo(PacketText.of(written.packet()));
            assertThat(written.bytes().isReadable()).as("seed %d", seed).isFalse();

            ByteBuf again = Unpooled.buffer();
            assertThat(new PacketWriter(version).write(decoded, again)).isTrue();
            assertThat(again).as("seed %d", seed).isEqualTo(written.bytes().readerIndex(0));
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void reader_damagedPackets_decodesOrRefusesAndStaysInside(ProtocolVersion version) throws ProtocolException {
        for (long seed = 0; seed < ROUNDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Written written = Written.of(new RandomPackets(random, version), version, seed);
            byte[] damaged = damage(written.bytes(), random);
            // What follows must not be looked at: the same packet with other bytes behind it has the same outcome.
            String alone = outcome(written.reader(version), damaged, new byte[0], seed);
            if (!alone.equals("not whole")) {
                byte[] behind = new byte[40];
                random.nextBytes(behind);
                assertThat(outcome(written.reader(version), damaged, behind, seed))
                        .as("seed %d: %s", seed, HexFormat.of().formatHex(damaged))
                        .isEqualTo(alone);
            }
        }
    }

    private static String outcome(PacketReader reader, byte[] bytes, byte[] behind, long seed) {
        boolean direct = (seed & 1) == 0;
        ByteBuf in = direct
                ? PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length + behind.length)
                : PooledByteBufAllocator.DEFAULT.heapBuffer(bytes.length + behind.length);
        try {
            in.writeBytes(bytes).writeBytes(behind);
            Packet packet = reader.next(in);
            if (packet == null) {
                assertThat(in.readerIndex()).isZero();
                return "not whole";
            }
            return in.readerIndex() + " " + PacketText.of(packet);
        } catch (ProtocolException e) {
            assertThat(in.readerIndex()).isZero();
            return e.reason() + e.statement() + e.text();
        } catch (RuntimeException e) {
            return fail("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
        } finally {
            assertThat(in.refCnt()).as("references, seed %d", seed).isEqualTo(1);
            in.release();
        }
    }

    private static byte[] damage(ByteBuf packet, SplittableRandom random) {
        byte[] bytes = new byte[packet.readableBytes()];
        packet.getBytes(packet.readerIndex(), bytes);
        int flips = random.nextInt(4);
        for (int i = 0; i < flips; i++) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(bytes.length, 24) : bytes.length);
            bytes[at] = (byte) (random.nextBoolean() ? bytes[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
        }
        if (random.nextInt(4) == 0) {
            // Cut, and honest about the new length where that fits in one byte.
            byte[] cut = Arrays.copyOf(bytes, Math.min(129, 2 + random.nextInt(bytes.length)));
            cut[1] = (byte) (cut.length - 2);
            return cut;
        }
        return bytes;
    }

    /** A packet with its bytes. */
    private record Written(Packet packet, ByteBuf bytes, boolean fromClient, boolean first) {

        static Written of(RandomPackets packets, ProtocolVersion version, long seed) {
            boolean fromClient = seed % 2 == 0;
            boolean first = seed % 10 < 2;
            Packet packet = fromClient
                    ? (first ? packets.connect() : packets.fromClient())
                    : (first ? packets.connack() : packets.fromServer());
            ByteBuf out = Unpooled.buffer();
            assertThat(new PacketWriter(version).write(packet, out)).isTrue();
            return new Written(packet, out, fromClient, first);
        }

        PacketReader reader(ProtocolVersion version) throws ProtocolException {
            PacketReader reader = fromClient
                    ? PacketReader.forServer(PACKET_BYTES_MAX, () -> 0)
                    : PacketReader.forClient(version, PACKET_BYTES_MAX, () -> 0);
            reader.topicAliasMaximum(10);
            if (!first) {
                reader.next(preamble(version));
            }
            return reader;
        }

        private ByteBuf preamble(ProtocolVersion version) {
            boolean five = version == ProtocolVersion.MQTT_5;
            String hex = fromClient
                    ? (five ? "101200044D5154540502000004" + "1500016D" + "000163" : "100D00044D51545404020000000163")
                    : (five ? "2003000000" : "20020000");
            return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
        }
    }
}
