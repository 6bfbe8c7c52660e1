// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.client.Packets;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubscriptionTreeTest {

    private static final String[] LEVELS = {"", "a", "b", "c", "$a"};

    private final SubscriptionTree tree = new SubscriptionTree();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void match_afterAnySubscribingAndUnsubscribing_isWhatEachFilterSelects(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Taker> takers = new ArrayList<>();
        Map<Taker, Map<TopicFilter, Integer>> model = new HashMap<>();
        for (int i = 0; i < 8; i++) {
            takers.add(new Taker("taker " + i));
            model.put(takers.get(i), new HashMap<>());
        }
        for (int step = 0; step < 3_000; step++) {
            Taker taker = takers.get(random.nextInt(takers.size()));
            TopicFilter filter = filter(random);
            if (random.nextInt(3) < 2) {
                int id = random.nextInt(5);
                tree.subscribe(taker, Packets.subscription(filter.value(), Qos.AT_LEAST_ONCE), id);
                model.get(taker).put(filter, id);
            } else {
                assertThat(tree.unsubscribe(taker, filter))
                        .as("seed %d, step %d", seed, step)
                        .isEqualTo(model.get(taker).remove(filter) != null);
            }
            TopicName topic = topic(random);
            assertThat(ids(tree.match(topic)))
                    .as("seed %d, step %d, topic %s", seed, step, topic)
                    .isEqualTo(expected(model, topic));
        }
        assertThat(tree.size())
                .isEqualTo(model.values().stream().mapToInt(Map::size).sum());
        model.forEach((taker, filters) -> filters.keySet()
                .forEach(filter -> assertThat(tree.unsubscribe(taker, filter)).isTrue()));
        assertThat(tree.size()).isZero();
        assertThat(tree.match(new TopicName("a/b"))).isEmpty();
    }

    @Test
    void filter_ofTenThousandsOfLevels_isAddedMatchedAndRemoved() {
        String deep = "a/".repeat(30_000) + "a";
        Taker taker = new Taker("taker");
        tree.subscribe(taker, Packets.subscription(deep, Qos.AT_LEAST_ONCE), 0);
        tree.subscribe(taker, Packets.subscription(deep + "/#", Qos.AT_LEAST_ONCE), 0);

        assertThat(tree.match(new TopicName(deep))).hasSize(1);
        assertThat(tree.match(new TopicName(deep + "/b"))).hasSize(1);
        assertThat(tree.unsubscribe(taker, TopicFilter.of(deep))).isTrue();
        assertThat(tree.unsubscribe(taker, TopicFilter.of(deep))).isFalse();
        assertThat(tree.unsubscribe(taker, TopicFilter.of(deep + "/#"))).isTrue();
        assertThat(tree.match(new TopicName(deep))).isEmpty();
        assertThat(tree.size()).isZero();
    }

    @Test
    void match_topicsWithoutEnd_isStillRight() {
        Taker taker = new Taker("taker");
        tree.subscribe(taker, Packets.subscription("#", Qos.AT_LEAST_ONCE), 0);
        String longest = "x".repeat(60_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(tree.match(new TopicName(longest + i))).hasSize(1);
        }
        for (int i = 0; i < 200_000; i++) {
            assertThat(tree.match(new TopicName("t/" + i))).hasSize(1);
        }
    }

    @Test
    void match_severalFiltersOfOneSubscriber_joinsTheirOptions() {
        Taker taker = new Taker("taker");
        tree.subscribe(
                taker, new Subscription(TopicFilter.of("a/#"), Qos.AT_MOST_ONCE, true, false, RetainHandling.SEND), 3);
        tree.subscribe(
                taker, new Subscription(TopicFilter.of("a/+"), Qos.EXACTLY_ONCE, false, true, RetainHandling.SEND), 4);

        SubscriptionTree.Match match = tree.match(new TopicName("a/b")).getFirst();
        assertThat(match.maximumQos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(match.noLocal()).isTrue();
        assertThat(match.retainAsPublished()).isTrue();
        assertThat(match.subscriptionIds()).containsExactlyInAnyOrder(3, 4);
        SubscriptionTree.Match own = match.withoutNoLocal();
        assertThat(own).isNotNull();
        assertThat(own.subscriptionIds()).containsExactly(4);
        assertThat(own.noLocal()).isFalse();
    }

    private static Map<String, Set<Integer>> ids(List<SubscriptionTree.Match> matches) {
        Map<String, Set<Integer>> ids = new TreeMap<>();
        for (SubscriptionTree.Match match : matches) {
            assertThat(ids.put(match.subscriber().toString(), new TreeSet<>(match.subscriptionIds())))
                    .isNull();
        }
        return ids;
    }

    private static Map<String, Set<Integer>> expected(Map<Taker, Map<TopicFilter, Integer>> model, TopicName topic) {
        Map<String, Set<Integer>> ids = new TreeMap<>();
        model.forEach((taker, filters) -> filters.forEach((filter, id) -> {
            if (filter.matches(topic)) {
                Set<Integer> matching = ids.computeIfAbsent(taker.toString(), any -> new TreeSet<>());
                if (id != 0) {
                    matching.add(id);
                }
            }
        }));
        return ids;
    }

    private static TopicName topic(SplittableRandom random) {
        return new TopicName(levels(random, 1 + random.nextInt(4)));
    }

    private static TopicFilter filter(SplittableRandom random) {
        int count = 1 + random.nextInt(4);
        List<String> levels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            levels.add(random.nextInt(3) == 0 ? "+" : LEVELS[random.nextInt(LEVELS.length)]);
        }
        if (random.nextInt(4) == 0) {
            levels.set(count - 1, "#");
        }
        String text = String.join("/", levels);
        return TopicFilter.of(text.isEmpty() ? "+" : text);
    }

    private static String levels(SplittableRandom random, int count) {
        List<String> levels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            levels.add(LEVELS[random.nextInt(LEVELS.length)]);
        }
        String text = String.join("/", levels);
        return text.isEmpty() ? "a" : text;
    }
}
