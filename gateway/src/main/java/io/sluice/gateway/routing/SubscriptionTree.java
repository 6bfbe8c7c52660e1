// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions by the levels of their filters (MQTT 5.0 section 4.7). What matched a topic is remembered until a subscription
 * comes or goes, because sensors publish to the same topics again and again. Lives on the broker thread.
 */
public final class SubscriptionTree {

    /** What may be remembered, in bytes, roughly. */
    private static final long REMEMBERED_BYTES_MAX = 16 << 20;

    private static final int TOPIC_BYTES = 120;
    private static final int MATCH_BYTES = 200;

    private final Node root = new Node();
    private final Map<TopicName, List<Match>> remembered = new HashMap<>();
    private long rememberedBytes;
    private int size;

    /**
     * One subscriber and what of it matched a topic.
     *
     * @param entries its matching subscriptions, at least one
     * @param maximumQos the highest of them
     * @param retainAsPublished whether one of them asked for it
     * @param noLocal whether one of them asked for it
     * @param subscriptionIds their identifiers
     */
    record Match(
            Subscriber subscriber,
            List<Entry> entries,
            Qos maximumQos,
            boolean retainAsPublished,
            boolean noLocal,
            List<Integer> subscriptionIds) {

        static Match of(Subscriber subscriber, List<Entry> entries) {
            Qos maximumQos = Qos.AT_MOST_ONCE;
            boolean retainAsPublished = false;
            boolean noLocal = false;
            List<Integer> ids = new ArrayList<>();
            for (Entry entry : entries) {
                Subscription subscription = entry.subscription();
                if (subscription.maximumQos().level() > maximumQos.level()) {
                    maximumQos = subscription.maximumQos();
                }
                retainAsPublished |= subscription.retainAsPublished();
                noLocal |= subscription.noLocal();
                if (entry.subscriptionId() != 0 && !ids.contains(entry.subscriptionId())) {
                    ids.add(entry.subscriptionId());
                }
            }
            return new Match(subscriber, entries, maximumQos, retainAsPublished, noLocal, List.copyOf(ids));
        }

        /** What matches for the subscriber's own messages, or null if nothing does [MQTT-3.8.3-3]. */
        @Nullable
        Match withoutNoLocal() {
            List<Entry> others = entries.stream()
                    .filter(entry -> !entry.subscription().noLocal())
                    .toList();
            return others.isEmpty() ? null : of(subscriber, others);
        }
    }

    /** @param subscriptionId 0 if there is none */
    record Entry(Subscription subscription, int subscriptionId) {}

    private static final class Node {
        private final Map<String, Node> children = new HashMap<>();
        private final Map<Subscriber, Entry> here = new LinkedHashMap<>();

        boolean isEmpty() {
            return children.isEmpty() && here.isEmpty();
        }
    }

    /**
     * Adds a subscription, replacing the subscriber's one with the same filter [MQTT-3.8.4-3].
     *
     * @param subscriptionId 0 if there is none
     */
    public void subscribe(Subscriber subscriber, Subscription subscription, int subscriptionId) {
        Node node = root;
        String filter = subscription.filter().value();
        for (int from = 0; from <= filter.length(); ) {
            int end = levelEnd(filter, from);
            node = node.children.computeIfAbsent(filter.substring(from, end), level -> new Node());
            from = end + 1;
        }
        if (node.here.put(subscriber, new Entry(subscription, subscriptionId)) == null) {
            size++;
        }
        forget();
    }

    /** Removes a subscription; whether there was one. */
    public boolean unsubscribe(Subscriber subscriber, TopicFilter filter) {
        List<Node> path =
                new ArrayList<>(); // walked by a loop, because a filter can have more levels than a stack has room for
        List<String> levels = new ArrayList<>();
        Node node = root;
        String text = filter.value();
        for (int from = 0; from <= text.length(); ) {
            int end = levelEnd(text, from);
            String level = text.substring(from, end);
            path.add(node);
            levels.add(level);
            node = node.children.get(level);
            if (node == null) {
                return false;
            }
            from = end + 1;
        }
        if (node.here.remove(subscriber) == null) {
            return false;
        }
        for (int i = path.size() - 1; i >= 0 && node.isEmpty(); i--) {
            node = path.get(i);
            node.children.remove(levels.get(i));
        }
        size--;
        forget();
        return true;
    }

    /** Subscriptions in the tree. */
    public int size() {
        return size;
    }

    /** Everybody who gets what is published under the topic, each once. */
    List<Match> match(TopicName topic) {
        List<Match> known = remembered.get(topic);
        if (known != null) {
            return known;
        }
        Map<Subscriber, List<Entry>> found = collect(topic);
        List<Match> matches = new ArrayList<>(found.size());
        found.forEach((subscriber, entries) -> matches.add(Match.of(subscriber, entries)));
        remember(topic, matches);
        return matches;
    }

    private void remember(TopicName topic, List<Match> matches) {
        long bytes = TOPIC_BYTES + 2L * topic.value().length() + (long) MATCH_BYTES * matches.size();
        if (rememberedBytes + bytes > REMEMBERED_BYTES_MAX) {
            forget();
        }
        if (bytes <= REMEMBERED_BYTES_MAX / 16) {
            remembered.put(topic, matches);
            rememberedBytes += bytes;
        }
    }

    private void forget() {
        remembered.clear();
        rememberedBytes = 0;
    }

    /** A node that is reached by the first levels of a topic, and where the next level begins. */
    private record Step(Node node, int from) {}

    /** What {@link #match} remembers, looked up. */
    Map<Subscriber, List<Entry>> collect(TopicName name) {
        Map<Subscriber, List<Entry>> found = new LinkedHashMap<>();
        String topic = name.value();
        Deque<Step> steps = new ArrayDeque<>();
        steps.push(new Step(root, 0));
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            Node node = step.node();
            boolean hidden = step.from() == 0 && name.isReserved(); // no wildcard matches there [MQTT-4.7.2-1]
            Node rest = hidden ? null : node.children.get("#");
            if (rest != null) {
                add(rest, found); // also where nothing follows: "sport/#" selects "sport"
            }
            if (step.from() > topic.length()) {
                add(node, found);
                continue;
            }
            int end = levelEnd(topic, step.from());
            Node any = hidden ? null : node.children.get("+");
            if (any != null) {
                steps.push(new Step(any, end + 1));
            }
            Node child = node.children.get(topic.substring(step.from(), end));
            if (child != null) {
                steps.push(new Step(child, end + 1));
            }
        }
        return found;
    }

    private static void add(Node node, Map<Subscriber, List<Entry>> found) {
        node.here.forEach((subscriber, entry) ->
                found.computeIfAbsent(subscriber, any -> new ArrayList<>()).add(entry));
    }

    private static int levelEnd(String text, int from) {
        int end = text.indexOf('/', from);
        return end < 0 ? text.length() : end;
    }
}
