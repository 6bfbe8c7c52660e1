// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "/",
                "//",
                "a/b",
                "/a",
                "a/",
                "a//b",
                " ",
                "a b",
                "$SYS/x",
                "\u00fc\u4e2d\ud83d\ude00",
                "a\ufeffb"
            })
    void name_allowed_keepsItsText(String text) {
        assertThat(new TopicName(text).value()).isEqualTo(text);
        assertThat(new TopicName(text)).hasToString(text);
    }

    @Test
    @Statement("MQTT-4.7.3-1")
    void name_empty_isRefused() {
        assertThatThrownBy(() -> new TopicName("")).hasMessage("topic name must be at least one character long");
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "a/#", "a/+", "a#", "a+b", "+/a"})
    @Statement("MQTT-4.7.0-1")
    void name_withWildcard_isRefused(String text) {
        assertThatThrownBy(() -> new TopicName(text))
                .hasMessage("topic name must not contain the wildcards + or #: " + text);
    }

    @Test
    @Statement({"MQTT-4.7.3-2", "MQTT-1.5.4-2"})
    void name_withNullCharacter_isRefused() {
        assertThatThrownBy(() -> new TopicName("a\u0000b"))
                .hasMessage("topic name must not contain the null character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"high\ud83d", "\ud83dhigh", "\ude00low", "swapped\ude00\ud83d", "\ud83d\ud83d"})
    @Statement("MQTT-1.5.4-1")
    void name_withLoneSurrogate_isRefused(String text) {
        assertThatThrownBy(() -> new TopicName(text)).hasMessage("topic name must not contain a lone surrogate");
    }

    @Test
    @Statement("MQTT-1.5.4-3")
    void name_withByteOrderMark_keepsIt() {
        assertThat(new TopicName("\ufeffa").value()).hasSize(2);
        assertThat(new TopicName("\ufeffa")).isNotEqualTo(new TopicName("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00fc", "\u4e2d", "\ud83d\ude00"})
    @Statement("MQTT-4.7.3-3")
    void name_longerThan65535Bytes_isRefused(String character) {
        int bytes = character.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        String longest = character.repeat(65_535 / bytes) + "x".repeat(65_535 % bytes);
        assertThatCode(() -> new TopicName(longest)).doesNotThrowAnyException();
        assertThatThrownBy(() -> new TopicName(longest + "x"))
                .hasMessage("topic name must not exceed 65,535 bytes of UTF-8, found 65536");
    }

    @Test
    void name_withDollar_isReservedOnlyAtTheStart() {
        assertThat(new TopicName("$SYS/a").isReserved()).isTrue();
        assertThat(new TopicName("a/$SYS").isReserved()).isFalse();
    }

    @Test
    void refusal_longOrWithLineBreaks_showsAShortCleanText() {
        assertThatThrownBy(() -> new TopicName("a\n\u001b" + "b".repeat(1_000) + "#"))
                .hasMessage("topic name must not contain the wildcards + or #: a??" + "b".repeat(77) + "...");
    }
}
