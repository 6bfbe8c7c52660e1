// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.message.Message;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Upstream to local: finds the rules that a fetched message belongs to, hands each its copy, and acknowledges to upstream when the
 * last is durable here. On the broker thread.
 *
 * <p>Where upstream names the subscriptions that matched, those rules get a copy; otherwise all rules whose filter selects the
 * topic. What comes for a subscription that no rule has any more, or came back although no-local was asked for, is upstream's
 * doing: the former is acknowledged and counted, the latter goes its way.
 *
 * <p>A message that is refused for now waits, and those behind it with it, so that order is kept. Upstream is listened to meanwhile:
 * what it acknowledges is what makes a full disk emptier. Its window bounds how many wait, and what is too much even so is
 * not acknowledged, and comes again over another connection.
 */
final class Fetching {

    /** What may wait because it is refused for now, in bytes of messages; one is always allowed. */
    static final int WAITING_BYTES_MAX = 4 << 20;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(1);

    private final List<BridgeRule.Fetch> rules;
    private final Upstream upstream;
    private final Loop loop;
    private final Inlet inlet;
    private final Tally tally;
    private final RareLog warnings;
    private boolean waitsForRoom;

    // For this connection.
    private final Queue<Copy> refused = new ArrayDeque<>();
    private long refusedBytes;
    private Loop.Timer again = () -> {};
    /** Whether something was left to upstream, so that nothing after it may be taken. */
    private boolean leaves;

    /** A message for a rule, under its local name. */
    private record Copy(BridgeRule.Fetch rule, Message message, Pending pending) {
        boolean isPromised() {
            return message.qos() != Qos.AT_MOST_ONCE;
        }

        int bytes() {
            return message.bytes().length;
        }
    }

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

    /** The connection is gone: upstream sends again what was not acknowledged. */
    void end() {
        again.cancel();
        refused.clear();
        refusedBytes = 0;
        leaves = false;
    }

    void fetched(Fetched fetched) {
        if (isLeft(fetched.message())) {
            return;
        }
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

    private boolean isLeft(Message message) {
        if (message.qos() == Qos.AT_MOST_ONCE) {
            return false;
        }
        leaves |= !refused.isEmpty() && refusedBytes + message.bytes().length > WAITING_BYTES_MAX;
        return leaves;
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
        pending.open++;
        Copy copy = new Copy(rule, renamed, pending);
        if ((copy.isPromised() && !refused.isEmpty()) || !isTaken(copy)) {
            if (refused.isEmpty()) {
                again = loop.schedule(REFUSED_AGAIN, this::takeAgain);
            }
            refused.add(copy);
            refusedBytes += copy.bytes();
        }
        return true;
    }

    /** Whether there is nothing more to be done about it. */
    private boolean isTaken(Copy copy) {
        return switch (inlet.take(copy.rule, copy.message, copy.pending::settleOne)) {
            case TAKEN -> {
                tally.fetched++;
                yield true;
            }
            case REFUSED -> {
                tally.refused++;
                warnings.warn("rule " + copy.rule.name() + ": refused for want of room, and lost: " + copy.message);
                yield true;
            }
            case LATER -> {
                warnings.warn("rule " + copy.rule.name() + ": refused for now: " + copy.message);
                yield false;
            }
        };
    }

    private void takeAgain() {
        while (!refused.isEmpty() && isTaken(refused.element())) {
            refusedBytes -= refused.remove().bytes();
        }
        if (!refused.isEmpty()) {
            again = loop.schedule(REFUSED_AGAIN, this::takeAgain);
        } else if (leaves) {
            upstream.disconnect(); // to get from it what was left
        }
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
