// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
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

    private static final int REMEMBERED_MAX = 8_192;

    private final Node root = new Node();
    private final Map<TopicName, List<Match>> remembered = new HashMap<>();
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
        remembered.clear();
    }

    /** Removes a subscription; whether there was one. */
    public boolean unsubscribe(Subscriber subscriber, TopicFilter filter) {
        boolean removed = remove(root, filter.value(), 0, subscriber);
        if (removed) {
            size--;
            remembered.clear();
        }
        return removed;
    }

    private static boolean remove(Node node, String filter, int from, Subscriber subscriber) {
        if (from > filter.length()) {
            return node.here.remove(subscriber) != null;
        }
        int end = levelEnd(filter, from);
        String level = filter.substring(from, end);
        Node child = node.children.get(level);
        if (child == null || !remove(child, filter, end + 1, subscriber)) {
            return false;
        }
        if (child.isEmpty()) {
            node.children.remove(level);
        }
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
        Map<Subscriber, List<Entry>> found = new LinkedHashMap<>();
        collect(root, topic.value(), 0, topic.isReserved(), found);
        List<Match> matches = new ArrayList<>(found.size());
        found.forEach((subscriber, entries) -> matches.add(Match.of(subscriber, entries)));
        if (remembered.size() >= REMEMBERED_MAX) {
            remembered.clear();
        }
        remembered.put(topic, matches);
        return matches;
    }

    /** @param hidden whether wildcards do not match at this level, which is so at the first of a $-topic [MQTT-4.7.2-1] */
    private static void collect(Node node, String topic, int from, boolean hidden, Map<Subscriber, List<Entry>> found) {
        if (!hidden) {
            Node rest = node.children.get("#");
            if (rest != null) {
                add(rest, found); // also where nothing follows: "sport/#" selects "sport"
            }
        }
        if (from > topic.length()) {
            add(node, found);
            return;
        }
        int end = levelEnd(topic, from);
        Node child = node.children.get(topic.substring(from, end));
        if (child != null) {
            collect(child, topic, end + 1, false, found);
        }
        Node any = hidden ? null : node.children.get("+");
        if (any != null) {
            collect(any, topic, end + 1, false, found);
        }
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
