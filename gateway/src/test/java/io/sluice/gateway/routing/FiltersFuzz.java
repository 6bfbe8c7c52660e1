// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.fuzz.FuzzInput;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Texts as topic filters and topic names: taken or refused as MQTT 5.0 section 4.7 says, and matched, by the filter alone and by the
 * tree of all, as a reading of that section level by level has it.
 */
public final class FiltersFuzz {

    private static final String[] PIECES = {
        "/", "a", "b", "+", "#", "$", "$share/", "\u00e9", "\0", "\ud83d", "\ude00", "a/b"
    };

    private final FuzzInput input;
    private final SubscriptionTree tree = new SubscriptionTree();
    private final List<Taker> takers = List.of(new Taker("one"), new Taker("two"), new Taker("three"));
    private final Map<String, Map<String, Integer>> model = new TreeMap<>();

    private FiltersFuzz(FuzzInput input) {
        this.input = input;
        takers.forEach(taker -> model.put(taker.name, new TreeMap<>()));
    }

    /** What the fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] data) {
        FiltersFuzz fuzz = new FiltersFuzz(new FuzzInput(data));
        while (fuzz.input.hasMore()) {
            fuzz.step();
        }
    }

    private void step() {
        Taker taker = takers.get(input.choice(takers.size()));
        int kind = input.choice(4);
        String text = text();
        if (kind == 3) {
            match(text);
            return;
        }
        TopicFilter filter;
        try {
            filter = TopicFilter.of(text);
        } catch (IllegalArgumentException refused) {
            check(!isFilter(text), "a filter was refused: " + refused.getMessage());
            return;
        }
        check(isFilter(text), "taken for a filter: " + text);
        check(filter.toString().equals(text), filter + " was " + text);
        if (filter.share().isPresent()) {
            return;
        }
        Map<String, Integer> held = model.get(taker.name);
        if (kind == 2) {
            check(tree.unsubscribe(taker, filter) == (held.remove(text) != null), "unsubscribed from " + text);
        } else {
            int identifier = 1 + held.size();
            tree.subscribe(
                    taker, new Subscription(filter, Qos.AT_LEAST_ONCE, false, false, RetainHandling.NEVER), identifier);
            held.put(text, identifier);
        }
        check(tree.size() == model.values().stream().mapToInt(Map::size).sum(), "the size of the tree");
    }

    private void match(String text) {
        TopicName topic;
        try {
            topic = new TopicName(text);
        } catch (IllegalArgumentException refused) {
            check(!isName(text), "a name was refused: " + refused.getMessage());
            return;
        }
        check(isName(text), "taken for a name: " + text);
        Map<String, Set<Integer>> expected = new TreeMap<>();
        model.forEach((taker, filters) -> {
            Set<Integer> ids = filters.entrySet().stream()
                    .filter(held -> selects(held.getKey(), text))
                    .map(Map.Entry::getValue)
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!ids.isEmpty()) {
                expected.put(taker, ids);
            }
            filters.keySet()
                    .forEach(filter -> check(
                            TopicFilter.of(filter).matches(topic) == selects(filter, text), filter + " and " + text));
        });
        Map<String, Set<Integer>> matched = new TreeMap<>();
        tree.match(topic)
                .forEach(match -> matched.put(match.subscriber().toString(), new TreeSet<>(match.subscriptionIds())));
        check(matched.equals(expected), text + " goes to " + matched + ", not to " + expected);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int left = input.choice(8); left > 0; left--) {
            text.append(input.oneOf(PIECES));
        }
        return text.toString();
    }

    private static boolean isText(String text) {
        return !text.isEmpty()
                && text.indexOf(0) < 0
                && text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static boolean isName(String text) {
        return isText(text) && !text.contains("+") && !text.contains("#");
    }

    private static boolean isFilter(String text) {
        if (!isText(text)) {
            return false;
        }
        String[] levels = text.split("/", -1);
        int first = 0;
        if (levels[0].equals("$share") && levels.length > 1) {
            String rest = text.substring(text.indexOf('/') + 1);
            int name = rest.indexOf('/');
            if (name < 1 || name + 1 == rest.length() || rest.substring(0, name).matches(".*[+#].*")) {
                return false;
            }
            first = 2;
        }
        for (int i = first; i < levels.length; i++) {
            boolean wild = levels[i].contains("+") || levels[i].contains("#");
            if (wild && (levels[i].length() > 1 || (levels[i].equals("#") && i + 1 < levels.length))) {
                return false;
            }
        }
        return true;
    }

    private static boolean selects(String filter, String name) {
        List<String> wanted = new ArrayList<>(List.of(filter.split("/", -1)));
        List<String> there = List.of(name.split("/", -1));
        if (name.startsWith("$")
                && (wanted.getFirst().equals("+") || wanted.getFirst().equals("#"))) {
            return false; // [MQTT-4.7.2-1]
        }
        if (wanted.getLast().equals("#")) {
            wanted.removeLast();
            if (there.size() < wanted.size()) {
                return false;
            }
            there = there.subList(0, wanted.size());
        }
        if (wanted.size() != there.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!wanted.get(i).equals("+") && !wanted.get(i).equals(there.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
