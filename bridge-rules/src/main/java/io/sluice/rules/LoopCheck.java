// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import io.sluice.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds circles in the rules of a gateway's bridges: a message that came from upstream is forwarded to where it is fetched again,
 * without end.
 *
 * <p>It follows sets of topics, each written as a topic filter, from a fetch rule through the forward rules that take what it
 * brings, to the fetch rules that read the same upstream, and so on. A circle is a set of topics that comes to the same rule
 * twice. Two things break one: {@code no-local} on a fetch rule keeps away what its own bridge forwarded, and topics that no
 * longer fit. Bridges read the same upstream if they share an address. What upstream brokers do among themselves is not seen.
 *
 * <p>The answer errs on the careful side in one case: a rule that takes a level away each time is called a circle, although each
 * message ends some day.
 */
public final class LoopCheck {

    /** Beyond these many levels a growing topic is taken for endless. */
    private static final int LEVELS_MAX = 32;

    /** Bounds the work on a configuration that is made to be slow; a real one needs some hundreds. */
    private static final int STATES_MAX = 2_000;

    /** Bounds the recursion; a circle of four rules whose topic grows each round needs 128. */
    private static final int PATH_MAX = 500;

    private final List<Node> nodes = new ArrayList<>();
    private final Set<State> seen = new HashSet<>();
    private final LinkedHashMap<State, Integer> path = new LinkedHashMap<>();
    private final LinkedHashMap<Set<Step>, Circle> circles = new LinkedHashMap<>();

    /**
     * A bridge and where it leads.
     *
     * @param upstream what identifies the broker, for instance {@code host:port}; bridges with one in common share an upstream
     */
    public record Link(BridgeRules rules, Set<String> upstream) {
        public Link {
            upstream = Set.copyOf(upstream);
        }
    }

    /** One rule on the way, and its bridge. */
    public record Step(String bridge, BridgeRule rule) {}

    /**
     * A way that ends where it began.
     *
     * @param steps the rules in the order in which a message takes them, at least two, beginning with a fetch rule
     */
    public record Circle(List<Step> steps) {
        public Circle {
            steps = List.copyOf(steps);
        }
    }

    /** A rule in its bridge; not a record, because it is compared often and by identity. */
    private static final class Node {
        private final Link link;
        private final BridgeRule rule;

        Node(Link link, BridgeRule rule) {
            this.link = link;
            this.rule = rule;
        }

        Step step() {
            return new Step(bridge(), rule);
        }

        String bridge() {
            return link.rules().bridge();
        }

        boolean sharesUpstream(Node other) {
            return link.upstream().stream().anyMatch(other.link.upstream()::contains);
        }
    }

    /** The topics {@code taken} are about to cross by a rule. */
    private record State(Node node, TopicFilter taken) {}

    private LoopCheck(List<Link> links) {
        for (Link link : links) {
            link.rules().rules().forEach(rule -> nodes.add(new Node(link, rule)));
        }
    }

    /** The circles among the rules, each set of rules once; empty if there is none. */
    public static List<Circle> circles(List<Link> links) {
        LoopCheck check = new LoopCheck(links);
        for (Node node : check.nodes) {
            if (node.rule instanceof BridgeRule.Fetch) {
                check.follow(new State(node, node.rule.from()));
            }
        }
        return List.copyOf(check.circles.values());
    }

    private void follow(State state) {
        Integer before = path.get(state);
        if (before != null) {
            report(before);
            return;
        }
        if (path.size() >= PATH_MAX || seen.size() >= STATES_MAX || !seen.add(state)) {
            return;
        }
        path.put(state, path.size());
        Optional<TopicFilter> arriving =
                state.node().rule.to().image(state.taken()).map(LoopCheck::bounded);
        if (arriving.isPresent()) {
            for (Node next : nodes) {
                if (leadsTo(state.node(), next)) {
                    taken(next.rule, arriving.get()).ifPresent(taken -> follow(new State(next, taken)));
                }
            }
        }
        path.remove(state);
    }

    private static boolean leadsTo(Node node, Node next) {
        return switch (node.rule) {
            case BridgeRule.Fetch fetch -> next.rule instanceof BridgeRule.Forward;
            case BridgeRule.Forward forward ->
                switch (next.rule) {
                    case BridgeRule.Forward alsoForward -> false;
                    case BridgeRule.Fetch fetch ->
                        node.bridge().equals(next.bridge()) ? !fetch.noLocal() : node.sharesUpstream(next);
                };
        };
    }

    private static Optional<TopicFilter> taken(BridgeRule rule, TopicFilter arriving) {
        Optional<TopicFilter> selected = rule.from().intersection(arriving);
        return switch (rule) {
            case BridgeRule.Fetch fetch -> selected;
            case BridgeRule.Forward forward ->
                selected.filter(topics -> forward.excludes().stream().noneMatch(exclude -> covers(exclude, topics)));
        };
    }

    private static boolean covers(TopicFilter wide, TopicFilter narrow) {
        return wide.intersection(narrow).filter(narrow::equals).isPresent();
    }

    /** Cuts a filter that has grown long, so that the number of states stays finite. */
    private static TopicFilter bounded(TopicFilter filter) {
        String[] levels = filter.value().split("/", -1);
        return levels.length <= LEVELS_MAX
                ? filter
                : TopicFilter.of(String.join("/", List.of(levels).subList(0, LEVELS_MAX)) + "/#");
    }

    private void report(int start) {
        List<Step> steps = path.keySet().stream()
                .skip(start)
                .map(state -> state.node().step())
                .distinct()
                .toList();
        int first = 0;
        while (steps.get(first).rule() instanceof BridgeRule.Forward) {
            first++;
        }
        List<Step> turned = new ArrayList<>(steps.subList(first, steps.size()));
        turned.addAll(steps.subList(0, first));
        circles.putIfAbsent(Set.copyOf(turned), new Circle(turned));
    }
}
