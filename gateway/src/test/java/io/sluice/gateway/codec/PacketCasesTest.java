// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PacketCasesTest {

    static List<PacketCase> all() {
        return PacketCases.all();
    }

    static List<PacketCase> valid() {
        return all().stream().filter(each -> each.refusal().isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("all")
    void reader_wholeBytes_givesPacketsOrRefusal(PacketCase each) throws ProtocolException {
        byte[] bytes = each.bytes().toBytes();
        byte[] within = new byte[bytes.length + 5]; // an array that begins before them and ends behind them
        System.arraycopy(bytes, 0, within, 3, bytes.length);
        ByteBuf in = Unpooled.wrappedBuffer(within, 3, bytes.length);

        Outcome outcome = read(reader(each), in);

        assertOutcome(each, outcome);
        if (each.refusal().isEmpty()) {
            assertThat(in.isReadable()).as("bytes left over").isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void reader_oneByteAtATime_givesTheSameAndNeverConsumesEarly(PacketCase each) throws ProtocolException {
        byte[] bytes = each.bytes().toBytes();
        PacketReader reader = reader(each);
        ByteBuf in = direct(bytes.length);
        List<String> packets = new ArrayList<>();
        Optional<ProtocolException> refusal = Optional.empty();
        for (byte next : bytes) {
            in.writeByte(next);
            int before = in.readerIndex();
            try {
                Packet packet = reader.next(in);
                if (packet == null) {
                    assertThat(in.readerIndex()).as("consumed early").isEqualTo(before);
                } else {
                    packets.add(PacketText.of(packet));
                    assertThat(in.isReadable()).as("packet came late").isFalse();
                }
            } catch (ProtocolException e) {
                refusal = Optional.of(e);
                break;
            }
        }
        assertOutcome(each, new Outcome(packets, refusal));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void writer_decodedPackets_encodesWhatIsDecodedAlike(PacketCase each) throws ProtocolException {
        ByteBuf in = Unpooled.wrappedBuffer(each.bytes().toBytes());
        PacketReader reader = reader(each);
        PacketWriter writer = new PacketWriter(each.version());
        ByteBuf out = Unpooled.buffer();
        for (Packet packet = reader.next(in); packet != null; packet = reader.next(in)) {
            assertThat(writer.write(packet, out)).as("written").isTrue();
        }
        if (each.sameBytes()) {
            assertThat(bytes(out)).as(each.name()).isEqualTo(each.bytes().toBytes());
        } else {
            assertThat(bytes(out)).as(each.name()).isNotEqualTo(each.bytes().toBytes());
        }
        assertOutcome(each, read(reader(each), out));
    }

    @Test
    void cases_names_areUniqueAndPlenty() {
        Set<String> names = new HashSet<>();
        for (PacketCase each : PacketCases.all()) {
            assertThat(names.add(each.name()))
                    .as("%s stands only once", each.name())
                    .isTrue();
            assertThat(each.statements()).allMatch(id -> id.startsWith("MQTT-"));
            assertThat(each.packets().isEmpty() && each.refusal().isEmpty())
                    .as("%s expects something", each.name())
                    .isFalse();
        }
        assertThat(names).hasSizeGreaterThan(250);
    }

    /** A buffer without an array, and which the collector may free. */
    private static ByteBuf direct(int bytes) {
        return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes)).clear();
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.getBytes(buffer.readerIndex(), bytes);
        return bytes;
    }

    private static PacketReader reader(PacketCase each) throws ProtocolException {
        PacketReader reader = each.fromClient()
                ? PacketReader.forServer(each.packetBytesMax(), () -> 0)
                : PacketReader.forClient(each.version(), each.packetBytesMax(), () -> 0);
        reader.topicAliasMaximum(each.topicAliasMaximum());
        if (!each.preamble().isEmpty()) {
            assertThat(reader.next(Unpooled.wrappedBuffer(each.preamble().toBytes())))
                    .as("preamble")
                    .isNotNull();
        }
        return reader;
    }

    private record Outcome(List<String> packets, Optional<ProtocolException> refusal) {}

    private static Outcome read(PacketReader reader, ByteBuf in) {
        List<String> packets = new ArrayList<>();
        int before = in.readerIndex();
        try {
            for (Packet packet = reader.next(in); packet != null; packet = reader.next(in)) {
                packets.add(PacketText.of(packet));
                before = in.readerIndex();
            }
            return new Outcome(packets, Optional.empty());
        } catch (ProtocolException e) {
            assertThat(in.readerIndex()).as("reader index after a refusal").isEqualTo(before);
            return new Outcome(packets, Optional.of(e));
        }
    }

    private static void assertOutcome(PacketCase each, Outcome outcome) {
        assertThat(outcome.packets()).as(each.name()).isEqualTo(each.packets());
        if (outcome.refusal().isEmpty()) {
            if (each.refusal().isPresent()) {
                fail(each.name() + " was accepted, expected " + each.refusal().get());
            }
            return;
        }
        ProtocolException refusal = outcome.refusal().get();
        assertThat(Optional.of(refusal.reason()))
                .as(each.name() + ": " + refusal.text())
                .isEqualTo(each.refusal());
        assertThat(refusal.statement()).as(each.name() + ": " + refusal.text()).isEqualTo(each.refusalStatement());
        assertThat(refusal.text()).isNotBlank();
    }
}
