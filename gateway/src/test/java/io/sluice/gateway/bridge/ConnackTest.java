// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.topic.Qos;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ConnackTest {

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void read_withoutProperties_hasTheDefaultsOfTheSpecification() {
        Connack connack = Connack.read(bytes("00 00 00"));
        assertThat(connack.terms())
                .isEqualTo(new Upstream.Terms(false, 0x7FFF, Qos.EXACTLY_ONCE, true, 0xFFFF_FFFFL, true));
    }

    @Test
    void read_allThatMatters_isUnderstoodAndBlunted() {
        byte[] body = bytes("01 00 1D 11 00 00 00 3C 13 00 1E 21 FF FF 22 00 0A 24 01 25 00 27 00 00 04 00 29 00"
                + "26 00 01 61 00 01 62");
        Connack connack = Connack.read(body);
        assertThat(connack.terms()).isEqualTo(new Upstream.Terms(true, 0x7FFF, Qos.AT_LEAST_ONCE, false, 1_024, false));
        assertThat(HexFormat.of().formatHex(body))
                .isEqualTo("01001d110000003c13001e217fff2200002401250027ffffffff290026000161000162");
    }

    @Test
    void read_refusal_givesCodeAndReasonString() {
        Connack connack = Connack.read(bytes("00 87 07 1F 00 04 6E 6F 70 65"));
        assertThat(connack.reason()).isEqualTo(0x87);
        assertThat(connack.reasonString()).isEqualTo("nope");
    }

    @Test
    void read_cutAnywhere_neverFails() {
        byte[] whole = bytes("01 00 1D 11 00 00 00 3C 13 00 1E 21 FF FF 22 00 0A 24 01 25 00 27 00 00 04 00 29 00"
                + "26 00 01 61 00 01 62 1F 00 04 6E 6F 70 65");
        for (int length = 0; length <= whole.length; length++) {
            assertThat(Connack.read(java.util.Arrays.copyOf(whole, length))).isNotNull();
        }
    }
}
