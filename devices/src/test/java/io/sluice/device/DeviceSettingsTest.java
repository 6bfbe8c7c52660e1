// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.device.DeviceSettings.Parity;
import io.sluice.device.DeviceSettings.StopBits;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DeviceSettingsTest {

    static Stream<Arguments> impossible() {
        return Stream.of(
                refused("baud", () -> new Link.Serial("/dev/ttyS0", 49, 8, Parity.NONE, StopBits.ONE)),
                refused("baud", () -> new Link.Serial("/dev/ttyS0", 4_000_001, 8, Parity.NONE, StopBits.ONE)),
                refused("data bits", () -> new Link.Serial("/dev/ttyS0", 9_600, 4, Parity.NONE, StopBits.ONE)),
                refused("data bits", () -> new Link.Serial("/dev/ttyS0", 9_600, 9, Parity.NONE, StopBits.ONE)),
                refused("stop", () -> new Link.Serial("/dev/ttyS0", 50, 8, Parity.NONE, StopBits.ONE_AND_A_HALF)),
                refused("path", () -> new Link.Serial(" ", 9_600, 8, Parity.NONE, StopBits.ONE)),
                refused("host", () -> new Link.Tcp("", 1)),
                refused("port", () -> new Link.Tcp("plc", 0)),
                refused("port", () -> new Link.Tcp("plc", 65_536)),
                refused("longest", () -> new Framing.Line(0)),
                refused("longest", () -> new Framing.Line(65_536)),
                refused("field", () -> new Decoding.Csv(List.of(), ',')),
                refused("twice", () -> new Decoding.Csv(List.of("a", "a"), ',')),
                refused("separator", () -> new Decoding.Csv(List.of("a"), '"')),
                refused("separator", () -> new Decoding.Csv(List.of("a"), '\n')),
                refused(
                        "name",
                        () -> new DeviceSettings(
                                "", new Link.Tcp("plc", 1), new Framing.Line(1), new Decoding.Text())));
    }

    private static Arguments refused(String about, ThrowingCallable making) {
        return Arguments.of(about, making);
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("impossible")
    void settings_outOfRange_areRefused(String about, ThrowingCallable making) {
        assertThatThrownBy(making).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(about);
    }

    @Test
    void place_isForPeople() {
        assertThat(new Link.Serial("/dev/ttyS0", 50, 5, Parity.NONE, StopBits.ONE_AND_A_HALF).place())
                .isEqualTo("serial port /dev/ttyS0");
        assertThat(new Link.Tcp("plc", 4_001).place()).isEqualTo("tcp plc:4001");
        assertThat(new Link.Tcp("::1", 4_001).place()).isEqualTo("tcp [::1]:4001");
    }
}
