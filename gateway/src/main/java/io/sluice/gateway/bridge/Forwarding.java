// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Delivery;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Local to upstream: takes deliveries from the rules' outboxes in turn, keeps at most the window under way, and settles what
 * upstream has taken. Sequences of a rule are published in their order.
 *
 * <p>A delivery over which upstream ends the connection again and again is found by elimination: once the same one has been first
 * three times in a row, it is sent alone over a connection that has been calm for a second, and parked if that ends too. Only
 * ends that upstream made count, never silence.
 *
 * <p>On the broker thread.
 */
final class Forwarding {

    /** How long a connection must live before a suspect is sent over it, so that it does not answer for another fault. */
    static final Duration CALM = Duration.ofSeconds(1);

    /** The pause after a first refusal; it doubles with each. */
    static final Duration RETRY = Duration.ofSeconds(1);

    /** What is published in one turn of the loop, so that a backlog does not keep others waiting: deliveries, and bytes of them. */
    static final int PORTION = 128;

    private static final int PORTION_BYTES = 64 << 10;

    private final List<Lane> lanes;
    private final Upstream upstream;
    private final Parking parking;
    private final Loop loop;
    private final LongSupplier clock;
    private final Tally tally;
    private final RareLog warnings;
    private final int windowMax;
    private long token;
    private int turn;
    private boolean pumpComing;
    private long portionBytes;
    private Runnable whenIdle = () -> {};

    // For this connection.
    private final Map<Long, Sending> underWay = new LinkedHashMap<>();
    private Optional<Terms> terms = Optional.empty();
    private Optional<Lane> suspect = Optional.empty();
    private boolean calm;
    private boolean full;
    private long connection;

    private record Sending(Lane lane, Delivery delivery) {}

    Forwarding(
            List<Lane> lanes,
            Upstream upstream,
            Parking parking,
            Loop loop,
            LongSupplier clock,
            Tally tally,
            RareLog warnings,
            int windowMax) {
        this.lanes = List.copyOf(lanes);
        this.upstream = upstream;
        this.parking = parking;
        this.loop = loop;
        this.clock = clock;
        this.tally = tally;
        this.warnings = warnings;
        this.windowMax = windowMax;
    }

    int underWay() {
        return underWay.size();
    }

    /** How many more could be under way. */
    int room() {
        return terms.isEmpty() || suspect.isPresent() ? 0 : window(terms.get()) - underWay.size();
    }

    private int window(Terms offered) {
        return Math.min(windowMax, offered.receiveMaximum());
    }

    long depth() {
        return lanes.stream().mapToLong(Lane::depth).sum();
    }

    /** A connection is there and its subscriptions are made. */
    void begin(Terms offered) {
        terms = Optional.of(offered);
        connection++;
        calm = false;
        full = false;
        suspect = lanes.stream().filter(Lane::isSuspect).findFirst();
        if (suspect.isPresent()) {
            onThisConnection(CALM, () -> calm = true);
        }
        pumpSoon();
    }

    /** Sends nothing new; runs the task once nothing is under way. */
    void finish(Runnable idle) {
        terms = Optional.empty();
        whenIdle = idle;
        if (underWay.isEmpty()) {
            idle.run();
        }
    }

    /** The connection is gone, or none came about. */
    void end(End end) {
        if (end == End.PEER) {
            accuse();
        }
        terms = Optional.empty();
        suspect = Optional.empty();
        connection++;
        underWay.clear();
        lanes.forEach(Lane::rewind);
    }

    private void accuse() {
        if (suspect.isPresent()) {
            Lane lane = suspect.get();
            for (Sending sending : underWay.values()) {
                if (lane.isAccused(sending.delivery().sequence())) {
                    park(
                            lane,
                            sending.delivery(),
                            ReasonCode.UNSPECIFIED_ERROR,
                            "upstream closes the connection over it");
                    lane.acquit();
                } else {
                    lane.accuse(sending.delivery().sequence());
                }
            }
            return;
        }
        for (Lane lane : lanes) {
            long head = head(lane);
            if (head < 0) {
                lane.acquit();
            } else {
                lane.accuse(head);
            }
        }
    }

    private long head(Lane lane) {
        for (Sending sending : underWay.values()) {
            if (sending.lane().equals(lane)) {
                return sending.delivery().sequence();
            }
        }
        return -1;
    }

    /** Pumps at the end of this turn of the loop, or when the next portion is due, however often it is asked for. */
    void pumpSoon() {
        if (!pumpComing && terms.isPresent()) {
            pumpComing = true;
            loop.atTurnEnd(this::pump);
        }
    }

    private void pump() {
        pumpComing = false;
        if (terms.isEmpty() || lanes.isEmpty()) {
            return;
        }
        if (suspect.isPresent()) {
            pumpSuspect(suspect.get(), terms.get());
            return;
        }
        int window = window(terms.get());
        int dry = 0;
        int steps = 0;
        portionBytes = 0;
        while (dry < lanes.size() && underWay.size() < window && upstream.isWritable()) {
            if (++steps > PORTION || portionBytes > PORTION_BYTES) {
                pumpLater();
                return;
            }
            Lane lane = lanes.get(turn);
            turn = (turn + 1) % lanes.size();
            dry = send(lane, terms.get()) ? 0 : dry + 1;
        }
        full = underWay.size() >= window;
        if (full || !upstream.isWritable()) {
            lanes.forEach(Lane::stall);
        }
    }

    /** Whether it pays to publish again: a window that was full is let empty a little, so that few writes carry much. */
    private boolean hasRoom(Terms offered) {
        int window = window(offered);
        return !full || underWay.size() <= window - Math.clamp(window / 4, 1, PORTION);
    }

    private void pumpLater() {
        pumpComing = true;
        loop.later(this::pump);
    }

    private void pumpSuspect(Lane lane, Terms offered) {
        while (calm && underWay.isEmpty() && send(lane, offered)) {
            // One is under way, or the next is tried because this one was not for sending.
        }
        if (calm && underWay.isEmpty() && !lane.isPaused()) {
            clear(lane);
        }
    }

    private void clear(Lane lane) {
        lane.acquit();
        suspect = lanes.stream().filter(Lane::isSuspect).findFirst();
        pumpSoon();
    }

    /** Sends or otherwise deals with the lane's next delivery; false if it has none. */
    private boolean send(Lane lane, Terms offered) {
        Delivery delivery = lane.next();
        if (delivery == null) {
            return false;
        }
        TopicName topic = sendable(lane, delivery);
        if (topic == null) {
            return true;
        }
        long mine = ++token;
        portionBytes += delivery.message().bytes().length;
        underWay.put(mine, new Sending(lane, delivery));
        upstream.publish(
                mine,
                topic,
                qos(lane, delivery, offered),
                retain(lane.rule(), delivery) && offered.retainAvailable(),
                delivery.message().remainingSeconds(clock),
                delivery.message());
        return true;
    }

    private static Qos qos(Lane lane, Delivery delivery, Terms offered) {
        return lane.rule()
                .qos()
                .orElse(delivery.qos())
                .min(offered.maximumQos())
                .min(Qos.AT_LEAST_ONCE);
    }

    private static boolean retain(BridgeRule.Forward rule, Delivery delivery) {
        return switch (rule.retain()) {
            case KEEP -> delivery.retain();
            case STRIP -> false;
            case SET -> true;
        };
    }

    /** The topic under which it goes; null if it does not go, and has been dealt with. */
    private @Nullable TopicName sendable(Lane lane, Delivery delivery) {
        TopicName from = delivery.message().topic();
        if (delivery.message().isExpired(clock)) {
            tally.expired++;
            lane.settle(delivery);
            return null;
        }
        if (isExcluded(lane.rule(), from)) {
            tally.excluded++;
            lane.settle(delivery);
            return null;
        }
        try {
            return lane.rule().to().rename(from);
        } catch (IllegalArgumentException e) {
            park(lane, delivery, ReasonCode.TOPIC_NAME_INVALID, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static boolean isExcluded(BridgeRule.Forward rule, TopicName topic) {
        for (TopicFilter exclude : rule.excludes()) {
            if (exclude.matches(topic)) {
                return true;
            }
        }
        return false;
    }

    /** Upstream has answered. */
    void published(long answered, ReasonCode reason) {
        Sending sending = underWay.remove(answered);
        if (sending == null) {
            return;
        }
        Lane lane = sending.lane();
        switch (Verdict.of(reason)) {
            case TAKEN -> {
                tally.forwarded++;
                lane.settle(sending.delivery());
            }
            case LATER -> later(lane, sending.delivery(), reason);
            case NEVER -> park(lane, sending.delivery(), reason, "upstream refuses it");
        }
        if (suspect.filter(lane::equals).isPresent()) {
            clear(lane); // It was answered, so it is not what ends connections.
        }
        if (underWay.isEmpty()) {
            whenIdle.run();
        }
        if (terms.isPresent() && hasRoom(terms.get())) {
            pumpSoon();
        }
    }

    private void later(Lane lane, Delivery delivery, ReasonCode reason) {
        tally.retries++;
        if (!lane.refused(delivery)) {
            park(lane, delivery, reason, "upstream has refused it " + (Lane.RETRIES_MAX + 1) + " times");
            return;
        }
        warnings.warn("rule " + lane.rule().name() + ": upstream refuses for now: " + reason);
        if (!lane.isPaused()) {
            lane.pause();
            onThisConnection(RETRY.multipliedBy(1L << (lane.refusalsOfNext() - 1)), lane::resume);
        }
    }

    private void park(Lane lane, Delivery delivery, ReasonCode reason, String why) {
        tally.parked++;
        warnings.warn("rule " + lane.rule().name() + ": parked " + delivery.message() + ": " + why + ", " + reason);
        parking.park(lane.rule(), delivery, reason);
        lane.settle(delivery);
    }

    private void onThisConnection(Duration delay, Runnable task) {
        long mine = connection;
        loop.schedule(delay, () -> {
            if (connection == mine) {
                task.run();
                pumpSoon();
            }
        });
    }
}
