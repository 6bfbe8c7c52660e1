// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.demo.MqttWire.Incoming;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class MqttWireTest {

    @Test
    void connect_durable_hasTheBytesOfTheSpecification() {
        assertThat(hex(MqttWire.connect("s1", false, 60, 3_600)))
                .isEqualTo("10 14 00 04 4d 51 54 54 05 00 00 3c 05 11 00 00 0e 10 00 02 73 31");
    }

    @Test
    void connect_cleanStart_setsTheFlag() {
        assertThat(hex(MqttWire.connect("s1", true, 0, 0)))
                .isEqualTo("10 14 00 04 4d 51 54 54 05 02 00 00 05 11 00 00 00 00 00 02 73 31");
    }

    @Test
    void publish_withQos1_hasTheBytesOfTheSpecification() {
        assertThat(hex(MqttWire.publish("a/b", "hi", 258, false))).isEqualTo("32 0a 00 03 61 2f 62 01 02 00 68 69");
        assertThat(hex(MqttWire.publish("a/b", "hi", 258, true))).startsWith("3a 0a");
    }

    @Test
    void publish_longerThan127Bytes_hasATwoByteLength() {
        assertThat(hex(MqttWire.publish("a", "x".repeat(200), 1, false))).startsWith("32 ce 01 00 01 61 00 01 00 78");
    }

    @Test
    void subscribe_withQos1_hasTheBytesOfTheSpecification() {
        assertThat(hex(MqttWire.subscribe(1, "a/#"))).isEqualTo("82 09 00 01 00 00 03 61 2f 23 01");
    }

    @Test
    void answers_haveTheBytesOfTheSpecification() {
        assertThat(hex(MqttWire.puback(7))).isEqualTo("40 02 00 07");
        assertThat(hex(MqttWire.pingreq())).isEqualTo("c0 00");
        assertThat(hex(MqttWire.disconnect())).isEqualTo("e0 00");
    }

    @Test
    void connack_withProperties_isRead() throws IOException {
        assertThat(read("20 06 01 00 03 21 00 0a")).isEqualTo(new Incoming.Connack(true, 0));
        assertThat(read("20 03 00 87 00")).isEqualTo(new Incoming.Connack(false, 0x87));
    }

    @Test
    void puback_shortOrWithAReason_isRead() throws IOException {
        assertThat(read("40 02 01 02")).isEqualTo(new Incoming.Puback(258, 0));
        assertThat(read("40 03 01 02 97")).isEqualTo(new Incoming.Puback(258, 0x97));
    }

    @Test
    void publish_withProperties_isReadWithoutThem() throws IOException {
        assertThat(read("3b 0f 00 03 61 2f 62 00 09 05 02 00 00 00 0a 68 69"))
                .isEqualTo(new Incoming.Publish("a/b", "hi", 1, 9, true));
    }

    @Test
    void publish_withQos0_hasNoPacketIdentifier() throws IOException {
        assertThat(read("30 06 00 01 61 00 68 69")).isEqualTo(new Incoming.Publish("a", "hi", 0, 0, false));
    }

    @Test
    void suback_pingresp_disconnect_areRead() throws IOException {
        assertThat(read("90 04 00 01 00 01")).isEqualTo(new Incoming.Suback(1, 1));
        assertThat(read("d0 00")).isEqualTo(new Incoming.Pingresp());
        assertThat(read("e0 00")).isEqualTo(new Incoming.Disconnect(0));
        assertThat(read("e0 01 8e")).isEqualTo(new Incoming.Disconnect(0x8E));
    }

    @Test
    void packet_cutShort_isAnEndOfStream() {
        assertThatThrownBy(() -> read("40 02 01")).isInstanceOf(EOFException.class);
    }

    @Test
    void packet_ofATypeNobodyAskedFor_isRefused() {
        assertThatThrownBy(() -> read("f0 00")).isInstanceOf(IOException.class).hasMessageContaining("type 15");
    }

    private static Incoming read(String hex) throws IOException {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        return MqttWire.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }
}
