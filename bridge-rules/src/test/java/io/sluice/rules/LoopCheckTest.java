// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.rules.LoopCheck.Link;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoopCheckTest {

    private static final Set<String> CLOUD = Set.of("cloud:1883");

    @Test
    void circles_typicalBridge_areNone() {
        Link link =
                link("a", CLOUD, forward("sensors/#", "site/x/sensors/#"), fetch("site/x/commands/#", "commands/#"));
        assertThat(LoopCheck.circles(List.of(link))).isEmpty();
    }

    @Test
    void circles_sameTopicsBothWays_areBrokenByNoLocal() {
        assertThat(circles(link("a", CLOUD, forward("a/#", "a/#"), fetch("a/#", "a/#"))))
                .isEmpty();
        assertThat(circles(link("a", CLOUD, forward("a/#", "a/#"), echo("a/#", "a/#"))))
                .containsExactly("a fetch a/#, a forward a/#");
    }

    @Test
    void circles_directButNamesDoNotMeet_areNone() {
        assertThat(circles(link("a", CLOUD, forward("a/#", "up/a/#"), echo("down/#", "a/#"))))
                .isEmpty();
        assertThat(circles(link("a", CLOUD, forward("a/#", "up/a/#"), echo("up/a/#", "other/#"))))
                .isEmpty();
        assertThat(circles(link("a", CLOUD, forward("a/#", "up/a/#"), echo("up/a/b", "a/c"))))
                .isEmpty();
    }

    @Test
    void circles_meetingOnlyAfterRenaming_areFound() {
        assertThat(circles(link("a", CLOUD, forward("a/+/b", "x/+"), echo("x/#", "a/#"))))
                .isEmpty();
        assertThat(circles(link("a", CLOUD, forward("a/+/b", "x/+/b"), echo("x/#", "a/#"))))
                .containsExactly("a fetch x/#, a forward a/+/b");
    }

    @Test
    void circles_topicThatGrowsEachRound_areFound() {
        assertThat(circles(link("a", CLOUD, forward("a/#", "a/b/#"), echo("a/#", "a/#"))))
                .containsExactly("a fetch a/#, a forward a/#");
    }

    @Test
    void circles_comesByOnceButNotAgain_areNone() {
        Link link = link("a", CLOUD, forward("#", "site/p/#"), echo("site/+/cmd/#", "peers/+/cmd/#"));
        assertThat(LoopCheck.circles(List.of(link))).isEmpty();
    }

    @Test
    void circles_excludedOnTheWay_areNone() {
        BridgeRule.Forward open = forward("#", "#");
        BridgeRule.Forward excluding = new BridgeRule.Forward(
                "forward #",
                open.from(),
                open.to(),
                Optional.empty(),
                BridgeRule.Retain.KEEP,
                List.of(TopicFilter.of("fetched/#")));
        assertThat(circles(link("a", CLOUD, open, echo("#", "fetched/#")))).hasSize(1);
        assertThat(circles(link("a", CLOUD, excluding, echo("#", "fetched/#")))).isEmpty();
    }

    @Test
    void circles_twoBridgesToOneUpstream_areFoundDespiteNoLocal() {
        Link reads = link("a", Set.of("one:1883", "two:1883"), fetch("a/#", "a/#"));
        Link writes = link("b", Set.of("two:1883"), forward("a/#", "a/#"));
        assertThat(circles(reads, writes)).containsExactly("a fetch a/#, b forward a/#");
    }

    @Test
    void circles_twoBridgesToTwoUpstreams_areNone() {
        Link reads = link("a", Set.of("one:1883"), fetch("a/#", "a/#"), forward("a/#", "a/#"));
        Link writes = link("b", Set.of("two:1883"), fetch("a/#", "a/#"), forward("a/#", "a/#"));
        assertThat(circles(reads, writes)).isEmpty();
    }

    @Test
    void circles_chainOverTwoUpstreams_namesEveryRule() {
        Set<String> west = Set.of("west");
        Set<String> east = Set.of("east");
        assertThat(circles(
                        link("a", west, fetch("1/#", "2/#")),
                        link("b", east, forward("2/#", "3/#")),
                        link("c", east, fetch("3/#", "4/#")),
                        link("d", west, forward("4/#", "1/#"))))
                .containsExactly("a fetch 1/#, b forward 2/#, c fetch 3/#, d forward 4/#");
    }

    @Test
    void circles_several_areEachReportedOnce() {
        assertThat(circles(link(
                        "a",
                        CLOUD,
                        forward("a/#", "a/#"),
                        echo("a/#", "a/#"),
                        forward("b/#", "b/#"),
                        echo("b/#", "b/#"))))
                .containsExactlyInAnyOrder("a fetch a/#, a forward a/#", "a fetch b/#, a forward b/#");
    }

    @Test
    void circles_reservedTopics_areNotTakenByWildcards() {
        assertThat(circles(link("a", CLOUD, forward("#", "#"), echo("$SYS/#", "$SYS/#"))))
                .isEmpty();
    }

    @Test
    void circles_manyBridgesThatAllMeet_endInBoundedWork() {
        List<Link> links = new ArrayList<>();
        for (int bridge = 0; bridge < 40; bridge++) {
            links.add(link("b" + bridge, CLOUD, forward("+/#", bridge + "/#"), echo("#", "+/x/#".substring(2))));
        }
        assertThat(LoopCheck.circles(links)).isNotEmpty();
    }

    private static List<String> circles(Link... links) {
        return LoopCheck.circles(List.of(links)).stream()
                .map(circle -> String.join(
                        ", ",
                        circle.steps().stream()
                                .map(step -> step.bridge() + " " + step.rule().name())
                                .toList()))
                .toList();
    }

    private static Link link(String bridge, Set<String> upstream, BridgeRule... rules) {
        return new Link(new BridgeRules(bridge, List.of(rules)), upstream);
    }

    private static BridgeRule.Forward forward(String from, String to) {
        TopicFilter filter = TopicFilter.of(from);
        Renaming renaming = Renaming.of(filter, TopicFilter.of(to));
        return new BridgeRule.Forward(
                "forward " + from, filter, renaming, Optional.empty(), BridgeRule.Retain.KEEP, List.of());
    }

    private static BridgeRule.Fetch fetch(String from, String to) {
        return fetch(from, to, true);
    }

    private static BridgeRule.Fetch echo(String from, String to) {
        return fetch(from, to, false);
    }

    private static BridgeRule.Fetch fetch(String from, String to, boolean noLocal) {
        TopicFilter filter = TopicFilter.of(from);
        Renaming renaming = Renaming.of(filter, TopicFilter.of(to));
        return new BridgeRule.Fetch(
                "fetch " + from, filter, renaming, Qos.AT_LEAST_ONCE, noLocal, true, BridgeRule.RetainHandling.SEND);
    }
}
