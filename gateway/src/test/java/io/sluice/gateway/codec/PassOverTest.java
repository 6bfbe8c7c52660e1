// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import java.util.HexFormat;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client's reader and what a server sends that is refused. */
class PassOverTest {

    private static final String PINGRESP = "D000";

    private final PacketReader reader = PacketReader.forClient(ProtocolVersion.MQTT_5, 100, () -> 0);

    @ParameterizedTest
    @CsvSource({
        "320800012300070068 69, 7, topic #",
        "3206000123000700, 7, topic # without payload",
        "30050001230068, 0, QoS 0",
        "320A0001610007 02 0102 6869, 7, payload format indicator 2",
        "320A0001610007 03 030005 68, 7, content type that ends beyond the properties",
        "320700 02C328 0007 00, 7, topic that is not UTF-8",
        "320500000 00700, 7, no topic and no alias"
    })
    void passOver_publishRefusedForWhatIsInIt_goesOnBehindIt(String publish, int packetId, String what)
            throws ProtocolException {
        ByteBuf in = opened(publish + PINGRESP);
        assertThat(reader.passOver(in, refusal(in))).as(what).hasValue(packetId);
        assertThat(reader.next(in)).isEqualTo(new Packet.Pingresp());
        assertThat(in.isReadable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "3608000123000700 6869, QoS 3",
        "340800012300070068 69, QoS 2",
        "32080001230000006869, packet identifier 0",
        "3203000523, topic that ends beyond the packet",
        "3208 0000 0007 0323 0001, topic alias that was not offered",
        "327F00, longer than is taken",
        "F100, no packet",
        "40020000, PUBACK of nothing"
    })
    void passOver_otherRefusals_stand(String bytes, String what) throws ProtocolException {
        ByteBuf in = opened(bytes + PINGRESP);
        int before = in.readerIndex();
        assertThat(reader.passOver(in, refusal(in))).as(what).isEqualTo(OptionalInt.empty());
        assertThat(in.readerIndex()).isEqualTo(before);
    }

    @Test
    void passOver_clientsPublish_stands() throws ProtocolException {
        PacketReader server = PacketReader.forServer(100, () -> 0);
        ByteBuf in = bytes("100E00044D5154540502000000000163" + "32080001230007006869");
        server.next(in);
        try {
            server.next(in);
        } catch (ProtocolException refused) {
            assertThat(server.passOver(in, refused)).isEmpty();
            return;
        }
        throw new AssertionError("not refused");
    }

    private ByteBuf opened(String hex) throws ProtocolException {
        ByteBuf in = bytes("2003000000" + hex);
        reader.next(in);
        return in;
    }

    private ProtocolException refusal(ByteBuf in) {
        try {
            throw new AssertionError("not refused: " + reader.next(in));
        } catch (ProtocolException refused) {
            return refused;
        }
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
