// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.KnownTopic;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The topic aliases that the peer has set on this connection (MQTT 5.0 section 3.3.2.3.4) [MQTT-3.3.2-7]. */
final class IncomingAliases {

    /** What the topics of one connection may have together, so that a client cannot fill the memory with them. */
    static final int BYTES_MAX = 8 << 10;

    private final Sender sender;
    private final Room room;
    private @Nullable KnownTopic[] topics = new @Nullable KnownTopic[0];
    private int maximum;
    private int bytes;

    IncomingAliases(Sender sender, Room room) {
        this.sender = sender;
        this.room = room;
    }

    /** How many aliases the peer may use, 0 to 65,535; what it has set stays. */
    void maximum(int aliases) {
        maximum = aliases;
    }

    void set(int alias, KnownTopic topic) throws ProtocolException {
        check(alias);
        if (alias > topics.length) {
            topics = Arrays.copyOf(topics, Math.min(maximum, Math.max(alias, 2 * topics.length)));
        }
        KnownTopic before = topics[alias - 1];
        bytes += topic.utf8().length - (before == null ? 0 : before.utf8().length);
        if (bytes > BYTES_MAX) {
            throw new ProtocolException(
                    ReasonCode.QUOTA_EXCEEDED,
                    Refusal.UNNUMBERED,
                    "the topics behind topic aliases must not exceed %d bytes together".formatted(BYTES_MAX));
        }
        if (!room.take(topic.memory() - (before == null ? 0 : before.memory()))) {
            throw new ProtocolException(
                    ReasonCode.QUOTA_EXCEEDED,
                    Refusal.UNNUMBERED,
                    "no memory is left for the topic behind a topic alias");
        }
        topics[alias - 1] = topic;
    }

    /** The topic behind the alias. */
    KnownTopic topic(int alias) throws ProtocolException {
        check(alias);
        KnownTopic topic = alias <= topics.length ? topics[alias - 1] : null;
        if (topic == null) {
            throw Refusal.protocolError(Refusal.UNNUMBERED, "topic alias " + alias + " has not been set");
        }
        return topic;
    }

    private void check(int alias) throws ProtocolException {
        if (alias > maximum) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    sender == Sender.CLIENT ? "MQTT-3.3.2-9" : "MQTT-3.3.2-11",
                    "topic alias must not exceed %d, found %d".formatted(maximum, alias));
        }
    }
}
