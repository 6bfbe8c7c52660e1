// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.message.Message;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last retained message of each topic (MQTT 5.0 section 3.3.1.3), bounded by number and bytes. Lives on the broker thread.
 */
public final class RetainedMessages {

    /** What one retained message takes in memory beside its bytes, roughly. */
    private static final int OVERHEAD_BYTES = 200;

    private final Map<TopicName, Retained> byTopic = new HashMap<>();
    private final int countMax;
    private final long bytesMax;
    private long bytes;
    /** Before this time, in milliseconds of the journal's clock, nothing expires. */
    private long earliestExpiry = Long.MAX_VALUE;

    /** @param stateNumber the number of its state in the journal */
    private record Retained(Message message, long stateNumber) {}

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

    public void put(Message message, long stateNumber) {
        remove(message.topic());
        byTopic.put(message.topic(), new Retained(message, stateNumber));
        bytes += size(message);
        earliestExpiry = Math.min(earliestExpiry, expiresAt(message));
    }

    void remove(TopicName topic) {
        Retained old = byTopic.remove(topic);
        if (old != null) {
            bytes -= size(old.message());
        }
    }

    /** The messages whose topics the filter selects and that have not expired, in the order of their coming. */
    public List<Message> matching(TopicFilter filter, long now) {
        if (!filter.hasWildcard()) {
            @Nullable Retained retained = byTopic.get(new TopicName(filter.value()));
            return retained == null || retained.message().isExpired(now) ? List.of() : List.of(retained.message());
        }
        List<Retained> found = new ArrayList<>();
        for (Retained retained : byTopic.values()) {
            if (!retained.message().isExpired(now)
                    && filter.matches(retained.message().topic())) {
                found.add(retained);
            }
        }
        found.sort(Comparator.comparingLong(Retained::stateNumber));
        return found.stream().map(Retained::message).toList();
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
