// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {

    /** Filter, topic name, whether it is selected. */
    static Object[][] matches() {
        return new Object[][] {
            {"a", "a", true},
            {"a", "b", false},
            {"a", "a/", false},
            {"a/", "a", false},
            {"a/", "a/", true},
            {"/a", "a", false},
            {"/a", "/a", true},
            {"a/b", "a/b", true},
            {"a/b", "a", false},
            {"a", "a/b", false},
            {"a/b", "a/b/c", false},
            {"sport/tennis/player1/#", "sport/tennis/player1", true},
            {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
            {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
            {"sport/tennis/player1/#", "sport/tennis/player2", false},
            {"sport/tennis/player1/#", "sport/tennis/player11", false},
            {"sport/#", "sport", true},
            {"sport/#", "sport/", true},
            {"sport/#", "sports", false},
            {"sport/#", "spor", false},
            {"#", "a", true},
            {"#", "/", true},
            {"#", "a/b/c", true},
            {"/#", "/", true},
            {"/#", "/a", true},
            {"/#", "a", false},
            {"sport/tennis/+", "sport/tennis/player1", true},
            {"sport/tennis/+", "sport/tennis/player1/ranking", false},
            {"sport/tennis/+", "sport/tennis/", true},
            {"sport/tennis/+", "sport/tennis", false},
            {"sport/+", "sport", false},
            {"sport/+", "sport/", true},
            {"+", "finance", true},
            {"+", "/finance", false},
            {"+/+", "/finance", true},
            {"/+", "/finance", true},
            {"+/+", "/", true},
            {"+/+", "a", false},
            {"+/+/+", "//", true},
            {"+/b/#", "a/b", true},
            {"+/b/#", "a/c", false},
            {"+/#", "a", true},
            {"a/+/c", "a//c", true},
            {"a/+/c", "a/b/c", true},
            {"a/+/c", "a/c", false},
            {"a/+/#", "a", false},
            {"a/+/#", "a/b", true},
        };
    }

    @ParameterizedTest
    @MethodSource
    @Statement({"MQTT-4.7.1-1", "MQTT-4.7.1-2"})
    void matches(String filter, String topic, boolean selected) {
        assertThat(TopicFilter.of(filter).matches(new TopicName(topic))).isEqualTo(selected);
    }

    /** Filter, topic name beginning with $ or having one elsewhere, whether it is selected. */
    static Object[][] reserved() {
        return new Object[][] {
            {"#", "$SYS", false},
            {"#", "$SYS/a", false},
            {"+", "$SYS", false},
            {"+/monitor/Clients", "$SYS/monitor/Clients", false},
            {"+/#", "$SYS/a", false},
            {"$SYS/#", "$SYS/a", true},
            {"$SYS/#", "$SYS", true},
            {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
            {"$SYS/+/#", "$SYS/monitor/Clients", true},
            {"#", "a/$SYS", true},
            {"+/+", "a/$SYS", true},
            {"/#", "/$SYS", true},
        };
    }

    @ParameterizedTest
    @MethodSource("reserved")
    @Statement("MQTT-4.7.2-1")
    void matches_topicWithDollar_notByALeadingWildcard(String filter, String topic, boolean selected) {
        assertThat(TopicFilter.of(filter).matches(new TopicName(topic))).isEqualTo(selected);
    }

    /** Pairs that some normalization would make equal. */
    static Object[][] alike() {
        return new Object[][] {
            {"ACCOUNTS", "Accounts"},
            {"Accounts payable", "Accounts  payable"},
            {"a/b", "a//b"},
            {"a/b", "a/b/"},
            {"a/./b", "a/b"},
            {"\u00c4", "A\u0308"},
            {"\u00e4", "a\u0308"},
            {"a", "\ufeffa"},
            {"a", "\uff41"},
        };
    }

    @ParameterizedTest
    @MethodSource("alike")
    @Statement({"MQTT-4.7.3-4", "MQTT-1.5.4-3"})
    void matches_alikeButDifferent_isNotNormalized(String one, String other) {
        assertThat(TopicFilter.of(one).matches(new TopicName(other))).isFalse();
        assertThat(TopicFilter.of(other).matches(new TopicName(one))).isFalse();
        assertThat(TopicFilter.of(one).matches(new TopicName(one))).isTrue();
        assertThat(TopicFilter.of(other).matches(new TopicName(other))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"#", "+", "a/#", "/#", "+/+", "+/a/#", "/+", "a/+/b", "$SYS/#", "$share", "a/$share/b", "/"})
    void filter_allowed_keepsItsText(String text) {
        TopicFilter filter = TopicFilter.of(text);
        assertThat(filter.value()).isEqualTo(text);
        assertThat(filter.share()).isEmpty();
        assertThat(filter).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"#/", "a/#/b", "#/#"})
    @Statement("MQTT-4.7.1-1")
    void filter_hashNotLast_isRefused(String text) {
        assertThatThrownBy(() -> TopicFilter.of(text)).hasMessage("topic filter: # must be the last level: " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a#", "#a", "a/b#", "##", "a/#b", "+#"})
    @Statement("MQTT-4.7.1-1")
    void filter_hashBesideOtherCharacters_isRefused(String text) {
        assertThatThrownBy(() -> TopicFilter.of(text))
                .hasMessageMatching("topic filter: [#+] must occupy a whole level: .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+", "+a", "++", "a/b+/c", "a/+b"})
    @Statement("MQTT-4.7.1-2")
    void filter_plusBesideOtherCharacters_isRefused(String text) {
        assertThatThrownBy(() -> TopicFilter.of(text)).hasMessage("topic filter: + must occupy a whole level: " + text);
    }

    @Test
    @Statement({"MQTT-4.7.3-1", "MQTT-4.7.3-2", "MQTT-4.7.3-3", "MQTT-1.5.4-1", "MQTT-1.5.4-2"})
    void filter_badText_isRefused() {
        assertThatThrownBy(() -> TopicFilter.of("")).hasMessage("topic filter must be at least one character long");
        assertThatThrownBy(() -> TopicFilter.of("a\u0000"))
                .hasMessage("topic filter must not contain the null character");
        assertThatThrownBy(() -> TopicFilter.of("a\ud83d"))
                .hasMessage("topic filter must not contain a lone surrogate");
        assertThatThrownBy(() -> TopicFilter.of("a".repeat(65_536)))
                .hasMessage("topic filter must not exceed 65,535 bytes of UTF-8, found 65536");
        assertThat(TopicFilter.of("a".repeat(65_535)).value()).hasSize(65_535);
    }

    @Test
    @Statement({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
    void filter_shared_isTakenApart() {
        TopicFilter filter = TopicFilter.of("$share/group 1/sensors/+/#");
        assertThat(filter.share()).contains(new ShareName("group 1"));
        assertThat(filter.value()).isEqualTo("sensors/+/#");
        assertThat(filter).hasToString("$share/group 1/sensors/+/#");
        assertThat(filter.matches(new TopicName("sensors/a"))).isTrue();
        assertThat(filter.matches(new TopicName("$share/group 1/sensors/a"))).isFalse();
        assertThat(TopicFilter.of("$share/g//").value()).isEqualTo("/");
        assertThat(TopicFilter.of("$share/g/#").matches(new TopicName("$SYS"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$share/",
                "$share/g",
                "$share/g/",
                "$share//a",
                "$share/+/a",
                "$share/#/a",
                "$share/a+/b",
                "$share/a#/b"
            })
    @Statement({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
    void filter_sharedWithoutNameOrFilter_isRefused(String text) {
        assertThatThrownBy(() -> TopicFilter.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Statement("MQTT-4.8.2-2")
    void shareName_withSeparatorOrWildcard_isRefused() {
        for (String text : new String[] {"a/b", "+", "#", "a+"}) {
            assertThatThrownBy(() -> new ShareName(text)).hasMessage("share name must not contain /, + or #: " + text);
        }
        assertThat(new ShareName("a b")).hasToString("a b");
    }

    @Test
    void filter_sharePrefixWithoutShareName_isRefused() {
        assertThatThrownBy(() -> new TopicFilter(java.util.Optional.empty(), "$share/g/a"))
                .hasMessage("topic filter: $share/ begins a shared subscription: $share/g/a");
    }

    /** Two filters and the one that selects what both select, or null for none. */
    static Object[][] intersections() {
        return new Object[][] {
            {"a", "a", "a"},
            {"a", "b", null},
            {"a", "a/b", null},
            {"a/#", "a", "a"},
            {"a/#", "a/b/c", "a/b/c"},
            {"a/#", "+/b/#", "a/b/#"},
            {"a/#", "#", "a/#"},
            {"#", "#", "#"},
            {"+", "#", "+"},
            {"+/b", "a/+", "a/b"},
            {"+/b", "a/c", null},
            {"+/+/#", "+/x", "+/x"},
            {"a/+", "a/#", "a/+"},
            {"a/+", "a", null},
            {"#", "$SYS/#", null},
            {"+/a", "$SYS/+", null},
            {"$SYS/#", "$SYS/a", "$SYS/a"},
            {"/#", "+/+", "/+"},
            {"a//", "a/+/+", "a//"},
        };
    }

    @ParameterizedTest
    @MethodSource("intersections")
    void intersection_isWhatBothSelect(String one, String other, @org.jspecify.annotations.Nullable String both) {
        assertThat(TopicFilter.of(one).intersection(TopicFilter.of(other)).map(TopicFilter::value))
                .isEqualTo(java.util.Optional.ofNullable(both));
        assertThat(TopicFilter.of(other).intersection(TopicFilter.of(one)).map(TopicFilter::value))
                .isEqualTo(java.util.Optional.ofNullable(both));
    }

    @Test
    void hasWildcard_tellsPlainFiltersApart() {
        assertThat(TopicFilter.of("a/b").hasWildcard()).isFalse();
        assertThat(TopicFilter.of("a/+").hasWildcard()).isTrue();
        assertThat(TopicFilter.of("#").hasWildcard()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("covering")
    void covers_filterWithin_isTrue(String wide, String narrow) {
        assertThat(TopicFilter.of(wide).covers(TopicFilter.of(narrow))).isTrue();
    }

    static Stream<Arguments> covering() {
        return Stream.of(
                Arguments.of("#", "#"),
                Arguments.of("#", "a/+/b"),
                Arguments.of("a/#", "a"),
                Arguments.of("a/#", "a/#"),
                Arguments.of("a/#", "a/+/#"),
                Arguments.of("a/+", "a/+"),
                Arguments.of("+/b", "a/b"),
                Arguments.of("+/#", "#"),
                Arguments.of("$SYS/#", "$SYS/a/+"),
                Arguments.of("a/#", "$share/g/a/b"));
    }

    @ParameterizedTest
    @MethodSource("notCovering")
    void covers_filterThatSelectsMore_isFalse(String filter, String other) {
        assertThat(TopicFilter.of(filter).covers(TopicFilter.of(other))).isFalse();
    }

    static Stream<Arguments> notCovering() {
        return Stream.of(
                Arguments.of("a/b", "a/+"),
                Arguments.of("a/+", "a/#"),
                Arguments.of("a/+", "a"),
                Arguments.of("a/+", "a/b/c"),
                Arguments.of("a/b", "a"),
                Arguments.of("a/#", "#"),
                Arguments.of("a/+/#", "a/#"),
                Arguments.of("+", "/"),
                Arguments.of("#", "$SYS/a"),
                Arguments.of("+/a", "$SYS/a"),
                Arguments.of("$SYS/#", "#"));
    }
}
