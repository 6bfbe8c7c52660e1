// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.TopicFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All shared subscriptions by share name and filter. One exists while it has members, and has an outbox in the journal from its
 * first durable member on. Lives on the broker thread.
 */
public final class ShareGroups {

    private final Loop loop;
    private final Journal journal;
    private final Router router;
    private final SubscriptionTree tree;
    private final OutboxMemory memory;
    private final Map<TopicFilter, ShareGroup> groups = new HashMap<>();
    private final Map<TopicFilter, Kept> kept = new HashMap<>();
    private long droppedQos0;
    private long droppedSlow;

    /** What the journal has of a durable group. */
    private record Kept(long owner, long stateNumber) {}

    public ShareGroups(Loop loop, Journal journal, Router router, SubscriptionTree tree, OutboxMemory memory) {
        this.loop = loop;
        this.journal = journal;
        this.router = router;
        this.tree = tree;
        this.memory = memory;
    }

    /** Takes over what the journal had; the members follow. */
    public void restore(Map<Long, DurableState> states) {
        states.forEach((number, state) -> {
            if (state instanceof DurableState.ShareState share) {
                kept.put(share.filter(), new Kept(share.owner(), number));
            }
        });
    }

    /** All members that there are have been restored: a group that has none is over. */
    public void restored() {
        for (TopicFilter filter : List.copyOf(kept.keySet())) {
            if (!groups.containsKey(filter)) {
                forget(filter);
            }
        }
    }

    /**
     * Takes a member in, or its subscription in the place of the one before.
     *
     * @param subscription its filter has a share name
     * @param subscriptionId 0 if there is none
     */
    public ShareGroup join(ShareMember member, Subscription subscription, int subscriptionId) {
        ShareGroup group = groups.computeIfAbsent(
                subscription.filter(), filter -> new ShareGroup(this, filter, Outbox.transientOne(journal, memory)));
        if (member.isDurable() && group.durable() == null) {
            group.become(Outbox.durable(journal, journal.outbox(owner(group.filter())), memory, 0));
        }
        group.join(member, subscription, subscriptionId);
        tree.subscribe(group, group.subscription(), 0);
        return group;
    }

    private long owner(TopicFilter filter) {
        Kept known = kept.get(filter);
        if (known != null) {
            return known.owner();
        }
        long owner = journal.newOwner();
        Journal.Appended appended = journal.put(new DurableState.ShareState(owner, filter), 0);
        kept.put(filter, new Kept(owner, appended.stateNumber()));
        return owner;
    }

    /** A member does not want it any more; the last one ends it, with all that waits. */
    public void leave(ShareMember member, TopicFilter filter) {
        ShareGroup group = groups.get(filter);
        if (group == null) {
            return;
        }
        group.leave(member);
        if (group.isEmpty()) {
            groups.remove(filter);
            tree.unsubscribe(group, filter);
            group.end();
            forget(filter);
        } else {
            tree.subscribe(group, group.subscription(), 0);
        }
    }

    private void forget(TopicFilter filter) {
        Kept known = kept.remove(filter);
        if (known != null) {
            journal.remove(known.owner(), known.stateNumber());
        }
    }

    /** The journal has dropped deliveries of an owner, which may be a group, to make room. */
    public void dropped(long owner, long from, long to) {
        for (Map.Entry<TopicFilter, Kept> each : kept.entrySet()) {
            @Nullable ShareGroup group = groups.get(each.getKey());
            if (each.getValue().owner() == owner && group != null) {
                group.dropped(from, to);
            }
        }
    }

    Loop loop() {
        return loop;
    }

    Router router() {
        return router;
    }

    long now() {
        return journal.clock().now();
    }

    /** Deliveries of one group that its members may have under way. */
    int lentMax() {
        return memory.countMax();
    }

    void dropQos0() {
        droppedQos0++;
    }

    void dropSlow(long count) {
        droppedSlow += count;
    }

    OutboxMemory memory() {
        return memory;
    }

    /** QoS 0 messages not sent because no member could take them. */
    public long droppedQos0() {
        return droppedQos0;
    }

    /** Deliveries lost because the outbox of a group that is not durable ran full. */
    public long droppedSlow() {
        return droppedSlow;
    }

    /** How many there are. */
    public int count() {
        return groups.size();
    }

    /** Unsettled deliveries of all. */
    public long depth() {
        return groups.values().stream().mapToLong(ShareGroup::depth).sum();
    }
}
