// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RenamingTest {

    /** From, to, topic, its new name. */
    static Object[][] renamed() {
        return new Object[][] {
            {"sensors/#", "sensors/#", "sensors/a/b", "sensors/a/b"},
            {"sensors/#", "site/x/sensors/#", "sensors/a/b", "site/x/sensors/a/b"},
            {"sensors/#", "site/x/sensors/#", "sensors/a", "site/x/sensors/a"},
            {"sensors/#", "site/x/sensors/#", "sensors", "site/x/sensors"},
            {"sensors/#", "site/x/sensors/#", "sensors/", "site/x/sensors/"},
            {"sensors/#", "site/x/sensors/#", "sensors//", "site/x/sensors//"},
            {"site/x/#", "#", "site/x/a/b", "a/b"},
            {"#", "up/#", "a/b", "up/a/b"},
            {"#", "up/#", "/a", "up//a"},
            {"/#", "a/#", "/b", "a/b"},
            {"/#", "a/#", "/", "a/"},
            {"a/+/c", "x/+", "a/b/c", "x/b"},
            {"a/+/c", "x/+/y", "a//c", "x//y"},
            {"+/+", "x/+/y/+", "a/b", "x/a/y/b"},
            {"+/b/+/d/#", "x/+/+/#", "a/b/c/d/e/f", "x/a/c/e/f"},
            {"+/b/+/d/#", "x/+/+/#", "a/b/c/d", "x/a/c"},
            {"+/#", "#", "a/b", "b"},
            {"+/+/#", "only/+", "a/b/c", "only/a"},
            {"a/#", "one", "a/b/c", "one"},
            {"a", "b", "a", "b"},
            {"a/#", "a/$x/#", "a/$y", "a/$x/$y"},
            {"a/#", "$x/#", "a/b", "$x/b"},
            {"+/a", "+", "\u00fc\ud83d\ude00/a", "\u00fc\ud83d\ude00"},
        };
    }

    @ParameterizedTest
    @MethodSource
    void renamed(String from, String to, String topic, String name) {
        assertThat(renaming(from, to).rename(new TopicName(topic))).isEqualTo(new TopicName(name));
    }

    @Test
    void renaming_targetWildcardsNotFilled_isRefused() {
        assertThatThrownBy(() -> renaming("a/#", "b/+"))
                .hasMessage("'b/+' has 1 of the wildcard +, but 'a/#' fills only 0");
        assertThatThrownBy(() -> renaming("a/+", "b/+/+"))
                .hasMessage("'b/+/+' has 2 of the wildcard +, but 'a/+' fills only 1");
        assertThatThrownBy(() -> renaming("a/+", "b/#"))
                .hasMessage("'b/#' has the wildcard #, but 'a/+' has none to fill it");
        assertThatThrownBy(() -> renaming("a", "b/#"))
                .hasMessage("'b/#' has the wildcard #, but 'a' has none to fill it");
    }

    @Test
    void renaming_sharedSubscription_isRefused() {
        assertThatThrownBy(() -> renaming("$share/g/a", "a"))
                .hasMessage("a shared subscription cannot be renamed: $share/g/a to a");
        assertThatThrownBy(() -> renaming("a", "$share/g/a"))
                .hasMessage("a shared subscription cannot be renamed: a to $share/g/a");
    }

    @Test
    void rename_topicNotSelected_isRefused() {
        assertThatThrownBy(() -> renaming("a/#", "b/#").rename(new TopicName("c")))
                .hasMessage("'a/#' does not select the topic");
        assertThatThrownBy(() -> renaming("#", "#").rename(new TopicName("$SYS/a")))
                .hasMessage("'#' does not select the topic");
    }

    @Test
    void rename_nothingLeftOfTheName_isRefused() {
        assertThatThrownBy(() -> renaming("a/#", "#").rename(new TopicName("a")))
                .hasMessage("topic name must be at least one character long");
        assertThatThrownBy(() -> renaming("a/#", "#").rename(new TopicName("a/")))
                .hasMessage("topic name must be at least one character long");
    }

    @Test
    void rename_wildcardWouldOpenAReservedName_isRefused() {
        assertThatThrownBy(() -> renaming("a/#", "#").rename(new TopicName("a/$SYS/x")))
                .hasMessage("a wildcard must not open a topic that begins with $");
        assertThatThrownBy(() -> renaming("a/+", "+").rename(new TopicName("a/$SYS")))
                .hasMessage("a wildcard must not open a topic that begins with $");
    }

    @Test
    void rename_newNameTooLong_isRefused() {
        Renaming renaming = renaming("a/#", "abc/#");
        String fits = "x".repeat(65_535 - 4);
        assertThat(renaming.rename(new TopicName("a/" + fits)).value()).hasSize(65_535);
        assertThatThrownBy(() -> renaming.rename(new TopicName("a/" + fits + "x")))
                .hasMessage("topic name must not exceed 65,535 bytes of UTF-8, found 65536");
    }

    @Test
    void rename_thereAndBack_isTheSameName() {
        SplittableRandom random = new SplittableRandom(7);
        Renaming there = renaming("+/s/+/#", "site/+/x/+/y/#");
        Renaming back = renaming("site/+/x/+/y/#", "+/s/+/#");
        for (int step = 0; step < 5_000; step++) {
            StringBuilder topic = new StringBuilder(level(random) + "/s/" + level(random));
            for (int levels = random.nextInt(4); levels > 0; levels--) {
                topic.append('/').append(level(random));
            }
            TopicName name = new TopicName(topic.toString());
            TopicName renamed = there.rename(name);
            assertThat(there.to().matches(renamed))
                    .as("step %d: %s", step, renamed)
                    .isTrue();
            assertThat(back.rename(renamed)).as("step %d", step).isEqualTo(name);
        }
    }

    @Test
    void image_narrowerFilter_selectsTheNewNames() {
        assertThat(renaming("a/#", "b/#").image(TopicFilter.of("a/+/x"))).contains(TopicFilter.of("b/+/x"));
        assertThat(renaming("a/#", "b/#").image(TopicFilter.of("a"))).contains(TopicFilter.of("b"));
        assertThat(renaming("a/+/#", "#").image(TopicFilter.of("a/+/#"))).contains(TopicFilter.of("#"));
        assertThat(renaming("a/#", "#").image(TopicFilter.of("a"))).isEmpty();
        assertThat(renaming("a/#", "#").image(TopicFilter.of("a/$SYS"))).isEmpty();
    }

    @Test
    void renaming_equality_isThatOfItsFilters() {
        assertThat(renaming("a/#", "b/#")).isEqualTo(renaming("a/#", "b/#")).hasSameHashCodeAs(renaming("a/#", "b/#"));
        assertThat(renaming("a/#", "b/#")).isNotEqualTo(renaming("a/#", "c/#")).hasToString("a/# -> b/#");
    }

    private static String level(SplittableRandom random) {
        return new String[] {"", "a", "bc", "x", "\u00fc"}[random.nextInt(5)];
    }

    private static Renaming renaming(String from, String to) {
        return Renaming.of(TopicFilter.of(from), TopicFilter.of(to));
    }
}
