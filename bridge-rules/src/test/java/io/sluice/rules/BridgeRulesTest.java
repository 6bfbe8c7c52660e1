// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.rules.BridgeRule.Retain;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BridgeRulesTest {

    private static final TopicName TOPIC = new TopicName("sensors/boiler");

    @Test
    void crossing_forward_renamesAndKeepsTheRetainFlag() {
        BridgeRule.Forward rule = forward(Optional.of(Qos.AT_LEAST_ONCE), Retain.KEEP);
        assertThat(BridgeRules.crossing(rule, TOPIC, Qos.AT_MOST_ONCE, true))
                .contains(new Crossing(new TopicName("site/sensors/boiler"), Qos.AT_LEAST_ONCE, true));
        assertThat(BridgeRules.crossing(rule, TOPIC, Qos.EXACTLY_ONCE, false))
                .contains(new Crossing(new TopicName("site/sensors/boiler"), Qos.AT_LEAST_ONCE, false));
    }

    @Test
    void crossing_forwardThatSetsOrStripsRetain_doesSoWhateverTheMessageSays() {
        for (boolean retain : new boolean[] {false, true}) {
            assertThat(BridgeRules.crossing(forward(Optional.empty(), Retain.SET), TOPIC, Qos.AT_MOST_ONCE, retain))
                    .hasValueSatisfying(
                            crossing -> assertThat(crossing.retain()).isTrue());
            assertThat(BridgeRules.crossing(forward(Optional.empty(), Retain.STRIP), TOPIC, Qos.AT_MOST_ONCE, retain))
                    .hasValueSatisfying(
                            crossing -> assertThat(crossing.retain()).isFalse());
        }
    }

    @Test
    void crossing_forwardThatKeepsQos_isBoundedByTheLink() {
        BridgeRule.Forward keep = forward(Optional.empty(), Retain.KEEP);
        assertThat(qos(keep, Qos.AT_MOST_ONCE)).isEqualTo(Qos.AT_MOST_ONCE);
        assertThat(qos(keep, Qos.AT_LEAST_ONCE)).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(qos(keep, Qos.EXACTLY_ONCE)).isEqualTo(BridgeRules.LINK_QOS_MAX);
    }

    @Test
    void crossing_excludedOrNotSelected_isEmpty() {
        BridgeRule.Forward rule = forward(Optional.empty(), Retain.KEEP, "sensors/+/raw", "sensors/secret/#");
        for (String stays : new String[] {"sensors/a/raw", "sensors/secret", "sensors/secret/a", "other", "$SYS/a"}) {
            assertThat(BridgeRules.selects(rule, new TopicName(stays)))
                    .as(stays)
                    .isFalse();
            assertThat(BridgeRules.crossing(rule, new TopicName(stays), Qos.AT_MOST_ONCE, false))
                    .as(stays)
                    .isEmpty();
        }
        assertThat(BridgeRules.selects(rule, new TopicName("sensors/a/raw/x"))).isTrue();
    }

    @Test
    void crossing_newNameImpossible_isEmptyAlthoughSelected() {
        BridgeRule.Forward rule = forward(Optional.empty(), Retain.KEEP);
        TopicName longest = new TopicName("sensors/" + "x".repeat(65_535 - 8));
        assertThat(BridgeRules.selects(rule, longest)).isTrue();
        assertThat(BridgeRules.crossing(rule, longest, Qos.AT_LEAST_ONCE, false))
                .isEmpty();
    }

    @Test
    void crossing_fetch_lowersQosAndKeepsRetain() {
        BridgeRule.Fetch rule = fetch("f", Qos.AT_LEAST_ONCE);
        TopicName topic = new TopicName("site/commands/valve");
        assertThat(BridgeRules.crossing(rule, topic, Qos.EXACTLY_ONCE, true))
                .contains(new Crossing(new TopicName("commands/valve"), Qos.AT_LEAST_ONCE, true));
        assertThat(BridgeRules.crossing(rule, topic, Qos.AT_MOST_ONCE, false))
                .contains(new Crossing(new TopicName("commands/valve"), Qos.AT_MOST_ONCE, false));
        assertThat(BridgeRules.crossing(rule, TOPIC, Qos.AT_MOST_ONCE, false)).isEmpty();
    }

    @Test
    void rules_mixed_areToldApartInOrder() {
        BridgeRule.Forward one = forward(Optional.empty(), Retain.KEEP);
        BridgeRule.Fetch two = fetch("two", Qos.AT_MOST_ONCE);
        BridgeRule.Fetch three = fetch("three", Qos.AT_MOST_ONCE);
        BridgeRules rules = new BridgeRules("cloud", List.of(two, one, three));
        assertThat(rules.forwards()).containsExactly(one);
        assertThat(rules.fetches()).containsExactly(two, three);
    }

    @Test
    void rules_sameNameTwice_areRefused() {
        BridgeRule.Fetch rule = fetch("twin", Qos.AT_MOST_ONCE);
        assertThatThrownBy(() -> new BridgeRules("cloud", List.of(rule, rule)))
                .hasMessage("bridge cloud: two rules are named 'twin'");
    }

    private static Qos qos(BridgeRule.Forward rule, Qos qos) {
        return BridgeRules.crossing(rule, TOPIC, qos, false).orElseThrow().qos();
    }

    private static BridgeRule.Forward forward(Optional<Qos> qos, Retain retain, String... excludes) {
        TopicFilter from = TopicFilter.of("sensors/#");
        Renaming to = Renaming.of(from, TopicFilter.of("site/sensors/#"));
        List<TopicFilter> filters =
                List.of(excludes).stream().map(TopicFilter::of).toList();
        return new BridgeRule.Forward("sensors", from, to, qos, retain, filters);
    }

    private static BridgeRule.Fetch fetch(String name, Qos qos) {
        TopicFilter from = TopicFilter.of("site/commands/#");
        Renaming to = Renaming.of(from, TopicFilter.of("commands/#"));
        return new BridgeRule.Fetch(name, from, to, qos, true, true, BridgeRule.RetainHandling.NEVER);
    }
}
