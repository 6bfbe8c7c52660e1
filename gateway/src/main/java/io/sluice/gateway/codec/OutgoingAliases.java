// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.topic.TopicName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topic aliases that are used towards the peer of this connection (MQTT 5.0 section 3.3.2.3.4). A topic gets one when it comes
 * again; when all are taken, one that is used more takes the place of the one that is used least. Uses fade, so that what was
 * frequent yesterday does not stay for ever. Bounded by the number of aliases.
 */
final class OutgoingAliases {

    /** An alias costs three bytes, so that it does not pay for a topic that has no more. */
    private static final int TOPIC_BYTES_MIN = 4;

    /** Longer ones would hold too much memory. */
    private static final int TOPIC_BYTES_MAX = 1_024;

    private static final int CANDIDATES = 256;
    private static final int FADE_EVERY = 4_096;

    /** What an alias takes in memory beside its topic, and what a character of that takes, roughly. */
    private static final int ALIAS_BYTES = 120;

    private static final int CHARACTER_BYTES = 2;

    private final int maximum;
    private final Room room;
    private final Map<TopicName, Alias> byTopic = new HashMap<>();
    private final int[] candidates;
    private int taken;
    private int sinceFading;
    private @Nullable Alias leastUsed;

    private static final class Alias {
        private final TopicName topic;
        private final int number;
        private int uses;

        Alias(TopicName topic, int number, int uses) {
            this.topic = topic;
            this.number = number;
            this.uses = uses;
        }
    }

    /** @param maximum aliases that may be used, 0 to 65,535 */
    OutgoingAliases(int maximum, Room room) {
        this.maximum = maximum;
        this.room = room;
        this.candidates = new int[maximum == 0 ? 0 : CANDIDATES];
    }

    /**
     * The alias to use in the place of the topic, one to set if negative, or 0 for none. After one to set comes {@link #set} or {@link
     * #forgo}.
     */
    int choose(TopicName topic, int topicBytes) {
        if (maximum == 0 || topicBytes < TOPIC_BYTES_MIN || topicBytes > TOPIC_BYTES_MAX) {
            return 0;
        }
        if (++sinceFading == FADE_EVERY) {
            fade();
        }
        Alias known = byTopic.get(topic);
        if (known != null) {
            known.uses++;
            leastUsed = known.equals(leastUsed) ? null : leastUsed;
            return known.number;
        }
        int uses = ++candidates[slot(topic)];
        if (uses < 2) {
            return 0;
        }
        int number = taken < maximum ? taken + 1 : leastUsed().number;
        boolean worth = taken < maximum || uses > leastUsed().uses + 1;
        return worth && room.take(added(topic, number)) ? -number : 0;
    }

    /** The peer has not been told after all. */
    void forgo(TopicName topic, int number) {
        room.take(-added(topic, number));
    }

    /** What memory an alias takes more than the one in whose place it comes. */
    private int added(TopicName topic, int number) {
        return memory(topic) - (number > taken ? 0 : memory(leastUsed().topic));
    }

    private static int memory(TopicName topic) {
        return ALIAS_BYTES + CHARACTER_BYTES * topic.value().length();
    }

    /** The peer has been told what the alias stands for. */
    void set(TopicName topic, int number) {
        if (number > taken) {
            taken = number;
        } else {
            byTopic.remove(leastUsed().topic);
        }
        byTopic.put(topic, new Alias(topic, number, candidates[slot(topic)]));
        candidates[slot(topic)] = 0;
        leastUsed = null;
    }

    private Alias leastUsed() {
        Alias least = leastUsed;
        if (least == null) {
            least = byTopic.values().stream()
                    .min((a, b) -> Integer.compare(a.uses, b.uses))
                    .orElseThrow(() -> new IllegalStateException("no alias is taken"));
            leastUsed = least;
        }
        return least;
    }

    private void fade() {
        sinceFading = 0;
        leastUsed = null;
        byTopic.values().forEach(alias -> alias.uses /= 2);
        Arrays.setAll(candidates, i -> candidates[i] / 2);
    }

    private static int slot(TopicName topic) {
        int hash = topic.hashCode();
        return (hash ^ (hash >>> 16)) & (CANDIDATES - 1);
    }
}
