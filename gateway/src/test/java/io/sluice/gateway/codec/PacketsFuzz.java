// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.fuzz.FuzzInput;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes on a connection: decoded or refused, the same however they are cut into pieces; and what was decoded survives being written
 * and read again.
 */
public final class PacketsFuzz {

    private static final int PACKET_BYTES_MAX = 1 << 16;

    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] CONNECT_5 = HEX.parseHex("101200044D51545405020000041500016D000163");
    private static final byte[] CONNECT_3 = HEX.parseHex("100D00044D51545404020000000163");
    private static final byte[] CONNACK_5 = HEX.parseHex("2003000000");
    private static final byte[] CONNACK_3 = HEX.parseHex("20020000");

    private final boolean server;
    private final ProtocolVersion version;
    private final byte[] preamble;

    private PacketsFuzz(boolean server, ProtocolVersion version, boolean begun) {
        this.server = server;
        this.version = version;
        boolean five = version == ProtocolVersion.MQTT_5;
        if (begun) {
            this.preamble = server ? (five ? CONNECT_5 : CONNECT_3) : (five ? CONNACK_5 : CONNACK_3);
        } else {
            this.preamble = new byte[0];
        }
    }

    /** What the fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int kind = input.octet();
        PacketsFuzz fuzz = new PacketsFuzz(
                (kind & 1) == 0,
                (kind & 2) == 0 ? ProtocolVersion.MQTT_5 : ProtocolVersion.MQTT_3_1_1,
                (kind & 4) == 0);
        int piece = 1 + (kind >>> 3);
        byte[] bytes = input.rest();
        List<String> whole = fuzz.outcomes(bytes, Math.max(1, bytes.length));
        List<String> pieces = fuzz.outcomes(bytes, piece);
        if (!whole.equals(pieces)) {
            throw new AssertionError("in pieces of " + piece + ": " + pieces + ", at once: " + whole);
        }
    }

    private PacketReader reader() throws ProtocolException {
        PacketReader reader = server
                ? PacketReader.forServer(PACKET_BYTES_MAX, () -> 0)
                : PacketReader.forClient(version, PACKET_BYTES_MAX, () -> 0);
        reader.topicAliasMaximum(4);
        if (preamble.length > 0) {
            reader.next(Unpooled.wrappedBuffer(preamble));
        }
        return reader;
    }

    private List<String> outcomes(byte[] bytes, int piece) {
        List<String> outcomes = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        try {
            PacketReader reader = reader();
            for (int at = 0; at < bytes.length; at += piece) {
                in.discardReadBytes().writeBytes(bytes, at, Math.min(piece, bytes.length - at));
                for (Packet packet = reader.next(in); packet != null; packet = reader.next(in)) {
                    outcomes.add(PacketText.of(packet));
                    checkRoundTrip(packet, reader.version().orElse(version));
                }
            }
        } catch (ProtocolException refused) {
            outcomes.add(refused.reason() + " " + refused.statement() + " " + refused.text());
        }
        return outcomes;
    }

    private void checkRoundTrip(Packet packet, ProtocolVersion spoken) throws ProtocolException {
        boolean first = packet instanceof Packet.Connect || packet instanceof Packet.Connack;
        ByteBuf out = Unpooled.buffer();
        if (!new PacketWriter(spoken).write(packet, out)) {
            throw new AssertionError("too long to be written: " + packet);
        }
        PacketsFuzz again = new PacketsFuzz(server, spoken, !first);
        Packet read = again.reader().next(out);
        if (read == null || out.isReadable() || !PacketText.of(read).equals(PacketText.of(packet))) {
            throw new AssertionError("was " + packet + ", and is " + read);
        }
    }
}
