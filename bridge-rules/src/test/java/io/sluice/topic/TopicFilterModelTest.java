// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds matching and intersection against the plainest form of the rules in MQTT 5.0 section 4.7. */
@Statement({"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.2-1", "MQTT-4.7.3-4"})
class TopicFilterModelTest {

    private static final String[] LEVELS = {"", "a", "b", "ab", "$a", "\u00fc"};

    @ParameterizedTest
    @ValueSource(longs = {1, 20_260_101, -77})
    void filter_randomTopics_agreesWithTheNaiveMatcher(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int selected = 0;
        for (int step = 0; step < 60_000; step++) {
            TopicFilter one = filter(random);
            TopicFilter other = filter(random);
            TopicName topic = topic(random);
            boolean expected = naive(one, topic);
            assertThat(one.matches(topic))
                    .as("seed %d step %d: %s selects %s", seed, step, one, topic)
                    .isEqualTo(expected);
            Optional<TopicFilter> both = one.intersection(other);
            assertThat(both.isPresent() && naive(both.get(), topic))
                    .as("seed %d step %d: %s and %s select %s", seed, step, one, other, topic)
                    .isEqualTo(expected && naive(other, topic));
            assertThat(!other.covers(one) || !expected || naive(other, topic))
                    .as("seed %d step %d: %s covers %s, and selects %s", seed, step, other, one, topic)
                    .isTrue();
            selected += expected ? 1 : 0;
        }
        assertThat(selected).isGreaterThan(3_000);
    }

    private static boolean naive(TopicFilter filter, TopicName topic) {
        String first = filter.value().substring(0, 1);
        if (topic.value().startsWith("$") && (first.equals("+") || first.equals("#"))) {
            return false;
        }
        return naive(
                List.of(filter.value().split("/", -1)), List.of(topic.value().split("/", -1)));
    }

    private static boolean naive(List<String> filter, List<String> topic) {
        if (filter.isEmpty()) {
            return topic.isEmpty();
        }
        String level = filter.getFirst();
        if (level.equals("#")) {
            return true;
        }
        return !topic.isEmpty()
                && (level.equals("+") || level.equals(topic.getFirst()))
                && naive(filter.subList(1, filter.size()), topic.subList(1, topic.size()));
    }

    private static TopicFilter filter(SplittableRandom random) {
        List<String> levels = levels(random);
        for (int i = 0; i < levels.size(); i++) {
            if (random.nextInt(3) == 0) {
                levels.set(i, "+");
            }
        }
        if (random.nextInt(3) == 0) {
            levels.set(levels.size() - 1, "#");
        }
        String text = String.join("/", levels);
        return text.isEmpty() ? filter(random) : TopicFilter.of(text);
    }

    private static TopicName topic(SplittableRandom random) {
        String text = String.join("/", levels(random));
        return text.isEmpty() ? topic(random) : new TopicName(text);
    }

    private static List<String> levels(SplittableRandom random) {
        List<String> levels = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            levels.add(LEVELS[random.nextInt(LEVELS.length)]);
        }
        return levels;
    }
}
