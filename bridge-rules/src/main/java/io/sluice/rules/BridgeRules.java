// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All rules of one bridge. A rule is applied by itself: what several rules select crosses once for each of them.
 *
 * @param bridge the bridge's name, unique in the gateway
 * @param rules the rules in the order of the configuration; their names are unique
 */
public record BridgeRules(String bridge, List<BridgeRule> rules) {

    /** The highest QoS on the link: QoS 2 across a bridge is not offered. */
    public static final Qos LINK_QOS_MAX = Qos.AT_LEAST_ONCE;

    /** @throws IllegalArgumentException if two rules have the same name */
    public BridgeRules {
        rules = List.copyOf(rules);
        Set<String> names = new HashSet<>();
        for (BridgeRule rule : rules) {
            if (!names.add(rule.name())) {
                throw new IllegalArgumentException(
                        "bridge %s: two rules are named '%s'".formatted(bridge, rule.name()));
            }
        }
    }

    /** The rules from here to upstream, in order. */
    public List<BridgeRule.Forward> forwards() {
        return rules.stream()
                .filter(BridgeRule.Forward.class::isInstance)
                .map(BridgeRule.Forward.class::cast)
                .toList();
    }

    /** The rules from upstream to here, in order. */
    public List<BridgeRule.Fetch> fetches() {
        return rules.stream()
                .filter(BridgeRule.Fetch.class::isInstance)
                .map(BridgeRule.Fetch.class::cast)
                .toList();
    }

    /** Whether the rule takes the topic, excludes considered; the new name is not computed. */
    public static boolean selects(BridgeRule.Forward rule, TopicName topic) {
        return rule.from().matches(topic) && rule.excludes().stream().noneMatch(exclude -> exclude.matches(topic));
    }

    /**
     * How a local message crosses to upstream.
     *
     * @param qos the message's own QoS, which counts only if the rule keeps it, and then up to {@link #LINK_QOS_MAX}
     * @param retain whether the message was published with the retain flag
     * @return empty if the rule does not select the topic, or its new name would not be a topic name; after {@link #selects} said
     *     yes only the latter is left, and {@link Renaming#rename} says why
     */
    public static Optional<Crossing> crossing(BridgeRule.Forward rule, TopicName topic, Qos qos, boolean retain) {
        if (!selects(rule, topic)) {
            return Optional.empty();
        }
        boolean retainThere = switch (rule.retain()) {
            case KEEP -> retain;
            case STRIP -> false;
            case SET -> true;
        };
        Qos qosThere = rule.qos().orElse(qos).min(LINK_QOS_MAX);
        return renamed(rule, topic).map(name -> new Crossing(name, qosThere, retainThere));
    }

    /**
     * How a message from upstream crosses to here.
     *
     * @param qos the QoS with which upstream delivered it, lowered to the rule's
     * @param retain the retain flag with which upstream delivered it
     * @return empty if the rule does not select the topic, or its new name would not be a topic name
     */
    public static Optional<Crossing> crossing(BridgeRule.Fetch rule, TopicName topic, Qos qos, boolean retain) {
        return rule.from().matches(topic)
                ? renamed(rule, topic).map(name -> new Crossing(name, qos.min(rule.qos()), retain))
                : Optional.empty();
    }

    private static Optional<TopicName> renamed(BridgeRule rule, TopicName topic) {
        try {
            return Optional.of(rule.to().rename(topic));
        } catch (IllegalArgumentException notATopicName) {
            return Optional.empty();
        }
    }
}
