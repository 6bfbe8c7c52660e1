// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.message.Message;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The last retained message of each topic (MQTT 5.0 section 3.3.1.3), bounded by number and bytes. Lives on the broker thread.
 */
public final class RetainedMessages {

    /** What one retained message takes in memory beside its bytes, roughly. */
    private static final int OVERHEAD_BYTES = 200;

    private final Map<TopicName, Retained> byTopic = new HashMap<>();
    /** The topics in the order in which they came, so that a replay can go on where it was. */
    private final NavigableMap<Long, TopicName> order = new TreeMap<>();

    private final int countMax;
    private final long bytesMax;
    private long bytes;
    /** Before this time, in milliseconds of the journal's clock, nothing expires. */
    private long earliestExpiry = Long.MAX_VALUE;

    private long nextPosition = 1;

    /**
     * @param stateNumber the number of its state in the journal, or 0 if it is not there
     * @param position of its topic
     */
    private record Retained(Message message, long stateNumber, long position) {}

    /**
     * A part of what a filter selects.
     *
     * @param last the position at which to go on
     */
    public record Page(List<Message> messages, long last, boolean isLast) {}

    public RetainedMessages(int countMax, long bytesMax) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
    }

    /** Whether there is room for the message as its topic's retained one. */
    boolean hasRoomFor(Message message) {
        Retained old = byTopic.get(message.topic());
        return old != null
                ? bytes - size(old.message) + size(message) <= bytesMax
                : byTopic.size() < countMax && bytes + size(message) <= bytesMax;
    }

    /** The state number of the topic's retained message, or 0 if it has none. */
    long stateNumber(TopicName topic) {
        Retained retained = byTopic.get(topic);
        return retained == null ? 0 : retained.stateNumber();
    }

    /** @param stateNumber the number of its state in the journal, or 0 if it is not there */
    public void put(Message message, long stateNumber) {
        Retained old = byTopic.get(message.topic());
        long position = old == null ? nextPosition++ : old.position();
        if (old == null) {
            order.put(position, message.topic());
        } else {
            bytes -= size(old.message());
        }
        byTopic.put(message.topic(), new Retained(message, stateNumber, position));
        bytes += size(message);
        earliestExpiry = Math.min(earliestExpiry, expiresAt(message));
    }

    void remove(TopicName topic) {
        Retained old = byTopic.remove(topic);
        if (old != null) {
            order.remove(old.position());
            bytes -= size(old.message());
        }
    }

    /** The messages whose topics the filter selects and that have not expired, in the order in which their topics came. */
    public List<Message> matching(TopicFilter filter, long now) {
        return page(filter, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, now).messages();
    }

    /**
     * The same in parts, so that a wide filter costs neither much time at once nor memory for all it selects.
     *
     * @param after the position behind which to begin, 0 at first
     * @param lookMax topics to be looked at
     * @param countMax messages wanted
     */
    public Page page(TopicFilter filter, long after, int lookMax, int countMax, long now) {
        List<Message> found = new ArrayList<>();
        if (!filter.hasWildcard()) {
            of(new TopicName(filter.value()), now).ifPresent(found::add);
            return new Page(found, after, true);
        }
        long last = after;
        int looked = 0;
        for (Map.Entry<Long, TopicName> each : order.tailMap(after, false).entrySet()) {
            if (looked == lookMax || found.size() == countMax) {
                return new Page(found, last, false);
            }
            looked++;
            last = each.getKey();
            if (filter.matches(each.getValue())) {
                of(each.getValue(), now).ifPresent(found::add);
            }
        }
        return new Page(found, last, true);
    }

    /** The topic's message, unless it has none or has expired. */
    public Optional<Message> of(TopicName topic, long now) {
        Retained retained = byTopic.get(topic);
        return retained == null || retained.message().isExpired(now)
                ? Optional.empty()
                : Optional.of(retained.message());
    }

    /** Forgets what has expired [MQTT-3.3.2-5]; the numbers of its states in the journal. */
    long[] removeExpired(long now) {
        if (now < earliestExpiry) {
            return new long[0];
        }
        List<Retained> expired = byTopic.values().stream()
                .filter(retained -> retained.message().isExpired(now))
                .toList();
        expired.forEach(retained -> remove(retained.message().topic()));
        earliestExpiry = byTopic.values().stream()
                .mapToLong(retained -> expiresAt(retained.message()))
                .min()
                .orElse(Long.MAX_VALUE);
        return expired.stream().mapToLong(Retained::stateNumber).toArray();
    }

    private static long expiresAt(Message message) {
        return message.expirySeconds() == Message.NEVER
                ? Long.MAX_VALUE
                : message.receivedAt() + message.expirySeconds() * 1_000;
    }

    public int count() {
        return byTopic.size();
    }

    private static long size(Message message) {
        return (long) message.bytes().length + OVERHEAD_BYTES;
    }
}
