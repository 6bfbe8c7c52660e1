// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import io.sluice.topic.TopicName;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Topic names by their UTF-8. A client publishes to the same few again and again, and a backlog has the same few: they are neither
 * decoded nor validated anew for each message. One place for each value of a hash; what is longer than {@value #BYTES_MAX} bytes is not
 * remembered. For one thread.
 */
public final class RecentTopics {

    public static final int BYTES_MAX = 192;

    private static final @Nullable KnownTopic[] NONE = {};

    private final int count;
    private final IntPredicate room;
    /** None before the first topic: many only listen. */
    private @Nullable KnownTopic[] places = NONE;

    private @Nullable KnownTopic last;

    /**
     * Makes a name of bytes.
     *
     * @param <E> what it throws if they are none
     */
    public interface Decoder<E extends Exception> {

        /** The name in the first {@code length} bytes. */
        TopicName decode(byte[] bytes, int length) throws E;
    }

    /** @param count how many places there are, a power of two */
    public RecentTopics(int count) {
        this(count, bytes -> true);
    }

    /**
     * @param count how many places there are, a power of two
     * @param room takes memory in bytes, or gives it back if negative; false if there is none
     */
    public RecentTopics(int count, IntPredicate room) {
        if (Integer.bitCount(count) != 1) {
            throw new IllegalArgumentException("a power of two must be given, not " + count);
        }
        this.count = count;
        this.room = room;
    }

    /** The topic name in the first {@code length} bytes; the decoder is asked if it is not remembered. */
    public <E extends Exception> TopicName name(byte[] bytes, int length, Decoder<E> decoder) throws E {
        KnownTopic recent = last;
        if (recent != null && recent.is(bytes, length)) {
            return recent.name();
        }
        if (length > BYTES_MAX) {
            return decoder.decode(bytes, length);
        }
        int place = place(bytes, length);
        KnownTopic known = places.length == 0 ? null : places[place];
        if (known == null || !known.is(bytes, length)) {
            KnownTopic decoded = new KnownTopic(decoder.decode(bytes, length), Arrays.copyOf(bytes, length));
            if (!room.test(decoded.memory() - (known == null ? 0 : known.memory()))) {
                return decoded.name();
            }
            known = decoded;
            if (places.length == 0) {
                places = new @Nullable KnownTopic[count];
            }
            places[place] = known;
        }
        last = known;
        return known.name();
    }

    private int place(byte[] bytes, int length) {
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return (hash ^ (hash >>> 15)) & (count - 1);
    }
}
