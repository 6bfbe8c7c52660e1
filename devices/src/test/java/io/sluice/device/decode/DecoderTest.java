// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.device.DeviceSettings;
import io.sluice.device.Reading;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {

    private static final List<String> TWO = List.of("temperature", "pressure");

    static Stream<Arguments> taken() {
        return Stream.of(
                Arguments.of("1,2", ',', "1", "2"),
                Arguments.of(" 1 ,\t2 ", ',', "1", "2"),
                Arguments.of("1 2,3", ',', "1 2", "3"),
                Arguments.of(",", ',', "", ""),
                Arguments.of(" , ", ',', "", ""),
                Arguments.of("\"1\",\"2\"", ',', "1", "2"),
                Arguments.of(" \"1\" , \"2\" ", ',', "1", "2"),
                Arguments.of("\" 1 \",2", ',', " 1 ", "2"),
                Arguments.of("\"1,5\",2", ',', "1,5", "2"),
                Arguments.of("\"say \"\"hi\"\"\",2", ',', "say \"hi\"", "2"),
                Arguments.of("\"\"\"\",\"\"", ',', "\"", ""),
                Arguments.of("1,5;2", ';', "1,5", "2"),
                Arguments.of("1\t2", '\t', "1", "2"),
                Arguments.of(" 1 \t", '\t', "1", ""),
                Arguments.of("1 2", ' ', "1", "2"),
                Arguments.of("°C,ä\uD83D\uDE00", ',', "°C", "ä\uD83D\uDE00"));
    }

    @ParameterizedTest
    @MethodSource("taken")
    void csv_wellFormed_givesNamedValues(String line, char separator, String first, String second) {
        assertThat(csv(line, TWO, separator))
                .isEqualTo(new Decoded.Values(
                        List.of(new Reading.Value("temperature", first), new Reading.Value("pressure", second))));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("1", "1 value where 2 are expected"),
                Arguments.of("1,2,3", "3 values where 2 are expected"),
                Arguments.of("1,2,", "3 values where 2 are expected"),
                Arguments.of(" ", "1 value where 2 are expected"),
                Arguments.of("\"1,2", "value 1 begins with a quote and does not end with one"),
                Arguments.of("1,\"", "value 2 begins with a quote and does not end with one"),
                Arguments.of("1,\"2\"\"", "value 2 begins with a quote and does not end with one"),
                Arguments.of("\"1\"x,2", "text after the closing quote of value 1"),
                Arguments.of("5\" pipe,2", "a quote within value 1, which does not begin with one"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void csv_illFormed_isRefusedWithReason(String line, String why) {
        assertThat(csv(line, TWO, ',')).isEqualTo(new Decoded.Refused(why));
    }

    @Test
    void csv_oneFieldExpected_saysSoInSingular() {
        assertThat(csv("1,2", List.of("t"), ',')).isEqualTo(new Decoded.Refused("2 values where 1 is expected"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"21.5", " 21.5 ", "\"a\",b", "\u00e4", "a\tb"})
    void text_anyLine_isOneValueAsSent(String line) {
        assertThat(decode(new DeviceSettings.Decoding.Text(), line.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Decoded.Values(List.of(new Reading.Value("value", line))));
    }

    @Test
    void anyDecoder_illFormedUtf8_isRefused() {
        for (byte[] bytes : List.of(
                new byte[] {'1', (byte) 0xE4, '2'},
                new byte[] {(byte) 0xC3},
                new byte[] {(byte) 0xC0, (byte) 0x80},
                new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})) {
            assertThat(decode(new DeviceSettings.Decoding.Text(), bytes)).isEqualTo(new Decoded.Refused("not UTF-8"));
            assertThat(decode(new DeviceSettings.Decoding.Csv(List.of("t"), ','), bytes))
                    .isEqualTo(new Decoded.Refused("not UTF-8"));
        }
    }

    @Test
    void anyDecoder_afterRefusal_decodesTheNext() {
        Decoder decoder = Decoder.of(new DeviceSettings.Decoding.Text());
        assertThat(decoder.decode(new byte[] {(byte) 0xC3}, 0, 1)).isInstanceOf(Decoded.Refused.class);
        assertThat(decoder.decode(new byte[] {'x', 'a', 'y'}, 1, 1))
                .isEqualTo(new Decoded.Values(List.of(new Reading.Value("value", "a"))));
    }

    private static Decoded csv(String line, List<String> fields, char separator) {
        return decode(new DeviceSettings.Decoding.Csv(fields, separator), line.getBytes(StandardCharsets.UTF_8));
    }

    private static Decoded decode(DeviceSettings.Decoding decoding, byte[] bytes) {
        return Decoder.of(decoding).decode(bytes, 0, bytes.length);
    }
}
