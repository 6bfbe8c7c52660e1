// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.message.Message;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.List;

/**
 * Upstream to local: finds the rules that a fetched message belongs to, hands each its copy, and acknowledges to upstream when the
 * last is durable here. On the broker thread.
 *
 * <p>Where upstream names the subscriptions that matched, those rules get a copy; otherwise all rules whose filter selects the
 * topic. What comes for a subscription that no rule has any more, or came back although no-local was asked for, is upstream's
 * doing: the former is acknowledged and counted, the latter goes its way.
 */
final class Fetching {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final List<BridgeRule.Fetch> rules;
    private final Upstream upstream;
    private final Loop loop;
    private final Inlet inlet;
    private final Tally tally;
    private final RareLog warnings;
    private boolean waitsForRoom;

    Fetching(List<BridgeRule.Fetch> rules, Upstream upstream, Loop loop, Inlet inlet, Tally tally, RareLog warnings) {
        this.rules = List.copyOf(rules);
        this.upstream = upstream;
        this.loop = loop;
        this.inlet = inlet;
        this.tally = tally;
        this.warnings = warnings;
    }

    List<BridgeRule.Fetch> rules() {
        return rules;
    }

    void fetched(Fetched fetched) {
        Pending pending = new Pending(fetched);
        boolean wanted = false;
        for (BridgeRule.Fetch rule : rulesOf(fetched)) {
            wanted |= takeIn(rule, fetched.message(), pending);
        }
        if (!wanted) {
            tally.refused++;
        }
        pending.settleOne();
        if (!inlet.hasRoom()) {
            upstream.read(false);
            waitForRoom();
        }
    }

    private void waitForRoom() {
        if (!waitsForRoom) {
            waitsForRoom = true;
            loop.schedule(LOOK_AGAIN, this::lookForRoom);
        }
    }

    private void lookForRoom() {
        waitsForRoom = false;
        if (inlet.hasRoom()) {
            upstream.read(true);
        } else {
            waitForRoom();
        }
    }

    private List<BridgeRule.Fetch> rulesOf(Fetched fetched) {
        TopicName topic = fetched.message().topic();
        List<BridgeRule.Fetch> named = fetched.subscriptionIds().stream()
                .filter(identifier -> identifier >= 1 && identifier <= rules.size())
                .map(identifier -> rules.get(identifier - 1))
                .filter(rule -> rule.from().matches(topic)) // It may be a number from before the rules were changed.
                .toList();
        return named.isEmpty()
                ? rules.stream().filter(rule -> rule.from().matches(topic)).toList()
                : named;
    }

    private boolean takeIn(BridgeRule.Fetch rule, Message message, Pending pending) {
        Message renamed;
        try {
            renamed = renamed(message, rule.to().rename(message.topic()));
        } catch (IllegalArgumentException e) {
            warnings.warn("rule " + rule.name() + ": cannot take in " + message + ": " + e.getMessage());
            return false;
        }
        tally.fetched++;
        pending.open++;
        inlet.take(rule, renamed, pending::settleOne);
        return true;
    }

    private static Message renamed(Message message, TopicName topic) {
        return topic.equals(message.topic())
                ? message
                : Message.of(
                        topic,
                        message.qos(),
                        message.retain(),
                        message.properties(),
                        message.expirySeconds(),
                        message.receivedAt(),
                        message.payload());
    }

    /** Counts the copies of one fetched message that are not durable yet, and one more while they are handed out. */
    private final class Pending {
        private final Fetched fetched;
        private int open = 1;

        Pending(Fetched fetched) {
            this.fetched = fetched;
        }

        void settleOne() {
            if (--open == 0) {
                upstream.acknowledge(fetched);
            }
        }
    }
}
