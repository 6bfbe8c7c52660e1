// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Topic names out of their bytes. What a client publishes to again and again is neither decoded nor validated again: the last
 * {@value #ENTRIES} or so topics of up to {@value #TOPIC_BYTES_MAX} bytes are remembered, at most some 16 KiB a connection.
 */
final class TopicCache {

    static final int ENTRIES = 32;
    static final int TOPIC_BYTES_MAX = 192;

    private final @Nullable KnownTopic[] entries = new @Nullable KnownTopic[ENTRIES];
    private final Room room;
    private @Nullable KnownTopic last;

    TopicCache(Room room) {
        this.room = room;
    }

    /**
     * The topic name in the first {@code length} bytes.
     *
     * @throws ProtocolException if they are not a topic name
     */
    TopicName name(byte[] bytes, int length) throws ProtocolException {
        KnownTopic recent = last;
        if (recent != null && matches(recent, bytes, length)) {
            return recent.name();
        }
        if (length > TOPIC_BYTES_MAX) {
            return decode(bytes, length);
        }
        int slot = slot(bytes, length);
        KnownTopic known = entries[slot];
        if (known == null || !matches(known, bytes, length)) {
            KnownTopic decoded = new KnownTopic(decode(bytes, length), Arrays.copyOf(bytes, length));
            if (!room.take(decoded.memory() - (known == null ? 0 : known.memory()))) {
                return decoded.name();
            }
            known = decoded;
            entries[slot] = known;
        }
        last = known;
        return known.name();
    }

    private static boolean matches(KnownTopic known, byte[] bytes, int length) {
        byte[] utf8 = known.utf8();
        return Arrays.equals(utf8, 0, utf8.length, bytes, 0, length);
    }

    private static int slot(byte[] bytes, int length) {
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return (hash ^ (hash >>> 15)) & (ENTRIES - 1);
    }

    /** The topic name in the first {@code length} bytes, validated. */
    static TopicName decode(byte[] bytes, int length) throws ProtocolException {
        if (length == 0) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_NAME_INVALID, "MQTT-4.7.3-1", "topic name must be at least one character long");
        }
        Utf8.check(bytes, 0, length); // [MQTT-3.3.2-1]
        if (hasWildcard(bytes, 0, length)) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_NAME_INVALID, "MQTT-3.3.2-2", "topic name must not contain the wildcards + or #");
        }
        return new TopicName(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    static boolean hasWildcard(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '+' || bytes[i] == '#') {
                return true;
            }
        }
        return false;
    }
}
