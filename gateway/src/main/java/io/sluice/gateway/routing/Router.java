// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.JournalLimits;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * The one door through which messages enter: it finds who gets a message, hands it to each, and has one record written for all who
 * must have it durably. Lives on the broker thread.
 */
public final class Router {

    private static final Duration EXPIRE_EVERY = Duration.ofSeconds(30);

    private final Journal journal;
    private final SubscriptionTree subscriptions;
    private final RetainedMessages retained;
    private final Receivers receivers = new Receivers();
    private final Queue<Runnable> afterwards = new ArrayDeque<>();
    private boolean routing;
    private boolean runningAfterwards;
    private long routed;
    private long refused;

    public Router(Journal journal, SubscriptionTree subscriptions, RetainedMessages retained) {
        this.journal = journal;
        this.subscriptions = subscriptions;
        this.retained = retained;
    }

    /**
     * What became of a message.
     *
     * @param reason SUCCESS, NO_MATCHING_SUBSCRIBERS, or an error if it was refused and nobody got it
     * @param receipt the journal's, which must be safe before the message is acknowledged, or 0 if nobody must have it
     * @param again whether one that was refused may be let in later
     */
    public record Routed(ReasonCode reason, long receipt, boolean again) {
        Routed(ReasonCode reason, long receipt) {
            this(reason, receipt, false);
        }

        private static final Routed TO_NOBODY = new Routed(ReasonCode.NO_MATCHING_SUBSCRIBERS, 0);
        private static final Routed IN_MEMORY = new Routed(ReasonCode.SUCCESS, 0);
        private static final Routed REFUSED = new Routed(ReasonCode.QUOTA_EXCEEDED, 0);
        private static final Routed REFUSED_FOR_NOW = new Routed(ReasonCode.QUOTA_EXCEEDED, 0, true);
    }

    /**
     * Routes a message.
     *
     * @param origin where it comes from, so that no-local can be kept: see {@link Subscriber#origin}
     * @param receivedFrom the durable session whose packet identifier must be remembered with it, or 0
     * @param packetId that packet identifier
     */
    public Routed route(Message message, Object origin, long receivedFrom, int packetId) {
        if (message.qos() != Qos.AT_MOST_ONCE && isShut()) {
            refused++;
            return Routed.REFUSED_FOR_NOW; // before anybody has it
        }
        if (isRefused(message)) {
            refused++;
            return Routed.REFUSED;
        }
        routed++;
        routing = true;
        receivers.clear();
        List<SubscriptionTree.Match> matches = subscriptions.match(message.topic());
        int taken = 0;
        for (int i = 0; i < matches.size(); i++) { // no iterator for each message
            SubscriptionTree.Match match = matches.get(i);
            SubscriptionTree.Match wanted =
                    match.noLocal() && match.subscriber().origin().equals(origin) ? match.withoutNoLocal() : match;
            if (wanted != null) {
                boolean retain = wanted.retainAsPublished() && message.retain(); // [MQTT-3.3.1-12, -13]
                wanted.subscriber().admit(message, wanted.maximumQos(), retain, wanted.subscriptionIds(), receivers);
                taken++;
            }
        }
        long receipt = record(message, receivedFrom, packetId);
        routing = false;
        runAfterwards();
        if (receipt != 0) {
            return new Routed(taken == 0 ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS, receipt);
        }
        return taken == 0 ? Routed.TO_NOBODY : Routed.IN_MEMORY;
    }

    /** Publishes a retained message that is made anew after a restart, so that it is retained in memory only. */
    public void announce(Message message) {
        routing = true;
        receivers.clear();
        for (SubscriptionTree.Match match : subscriptions.match(message.topic())) {
            match.subscriber()
                    .admit(message, match.maximumQos(), match.retainAsPublished(), match.subscriptionIds(), receivers);
        }
        if (!receivers.isEmpty()) {
            journal.append(message, receivers, 0, 0, false, 0);
        }
        retained.put(message, 0);
        routing = false;
        runAfterwards();
    }

    /** Delivers a retained message to one subscriber that has just subscribed [MQTT-3.3.1-9]. */
    public void deliver(Message message, Subscriber subscriber, Qos maximumQos, List<Integer> subscriptionIds) {
        routing = true;
        receivers.clear();
        subscriber.admit(message, maximumQos, true, subscriptionIds, receivers);
        if (!receivers.isEmpty()) {
            journal.append(message, receivers, 0, 0, false, 0);
        }
        routing = false;
        runAfterwards();
    }

    /**
     * Runs the task when the message that is on its way has its record, at once if there is none: what settles deliveries or routes
     * on its own must not come between them.
     */
    public void whenRouted(Runnable task) {
        afterwards.add(task);
        runAfterwards();
    }

    private void runAfterwards() {
        if (routing || runningAfterwards) {
            return;
        }
        runningAfterwards = true;
        for (Runnable task = afterwards.poll(); task != null; task = afterwards.poll()) {
            task.run();
        }
        runningAfterwards = false;
    }

    private boolean isRefused(Message message) {
        if (message.retain() && message.payloadBytes() > 0 && !retained.hasRoomFor(message)) {
            removeExpired();
            if (!retained.hasRoomFor(message)) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing is let in for now that may have to be written; with QoS 0 it goes to whom it can. */
    private boolean isShut() {
        return journal.isBlocked()
                || (journal.isFull() && journal.limits().whenFull() == JournalLimits.WhenFull.REJECT);
    }

    /** Looks again and again for retained messages that have expired, so that neither memory nor disk keeps them. */
    public void expireRetained(Loop loop) {
        loop.schedule(EXPIRE_EVERY, () -> {
            removeExpired();
            expireRetained(loop);
        });
    }

    private void removeExpired() {
        long[] expired = retained.removeExpired(journal.clock().now());
        if (expired.length > 0) {
            journal.remove(0, expired);
        }
    }

    /** Has what must last kept; the receipt, or 0 if there is nothing. */
    private long record(Message message, long receivedFrom, int packetId) {
        boolean retain = message.retain() && message.payloadBytes() > 0;
        long replaced = message.retain() ? retained.stateNumber(message.topic()) : 0;
        if (message.retain() && message.qos() == Qos.AT_MOST_ONCE && journal.isBlocked()) {
            retainInMemory(message, replaced);
            return 0; // no outbox has taken it either
        }
        if (receivers.isEmpty() && !retain) {
            if (replaced != 0) {
                retained.remove(message.topic()); // an empty payload deletes [MQTT-3.3.1-6]
                long batch = journal.remove(0, replaced);
                return receivedFrom == 0 ? batch : journal.received(receivedFrom, packetId);
            }
            return receivedFrom == 0 ? 0 : journal.received(receivedFrom, packetId);
        }
        if (!message.retain() && message.qos() != Qos.EXACTLY_ONCE) {
            return journal.keep(message, receivers);
        }
        Journal.Appended appended = journal.append(message, receivers, receivedFrom, packetId, retain, replaced);
        if (retain) {
            retained.put(message, appended.stateNumber());
        } else if (replaced != 0) {
            retained.remove(message.topic());
        }
        return appended.batch();
    }

    /** With QoS 0 the retained message may be forgotten at any time: it is what the next start does. */
    private void retainInMemory(Message message, long replaced) {
        if (message.payloadBytes() > 0) {
            retained.put(message, replaced);
        } else if (replaced != 0) {
            retained.remove(message.topic());
            journal.remove(0, replaced);
        }
    }

    /** Messages that were let in. */
    public long routed() {
        return routed;
    }

    /** Messages that were refused by a limit. */
    public long refused() {
        return refused;
    }
}
