// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.device.Reading;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonTextTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "21.5, 21.5",
                "-0, -0",
                "1e3, 1e3",
                "1E-3, 1E-3",
                "0, 0",
                "007, ~\"007\"~",
                "1., ~\"1.\"~",
                "+1, ~\"+1\"~",
                "NaN, ~\"NaN\"~",
                "ok, ~\"ok\"~",
                "~~, ~\"\"~",
                "~a\"b\\c~, ~\"a\\\"b\\\\c\"~",
                "~a\tb~, ~\"a\\tb\"~",
                "~a\u0001b~, ~\"a\\u0001b\"~",
                "grün, ~\"grün\"~",
            })
    void object_oneValue_isANumberOnlyWhereJsonHasOne(String text, String json) {
        assertThat(JsonText.object(List.of(new Reading.Value("t", text)))).isEqualTo("{\"t\":" + json + "}");
    }

    @ParameterizedTest
    @CsvSource("temperature, pressure")
    void object_severalValues_keepsTheirOrder(String first, String second) {
        assertThat(JsonText.object(List.of(new Reading.Value(first, "21.5"), new Reading.Value(second, "low"))))
                .isEqualTo("{\"temperature\":21.5,\"pressure\":\"low\"}");
    }
}
