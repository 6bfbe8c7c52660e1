// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Topic names out of their bytes: a backlog has the same few again and again, and they need not be made anew for each message. One
 * place for each of {@value #PLACES} values of a hash, for names of up to {@value #BYTES_MAX} bytes. For one thread.
 */
final class RecentTopics {

    static final int PLACES = 64;
    static final int BYTES_MAX = 192;

    private final @Nullable TopicName[] names = new @Nullable TopicName[PLACES];
    private final byte[][] spelled = new byte[PLACES][];

    /** The name in the first {@code length} bytes. */
    TopicName name(byte[] bytes, int length) {
        if (length > BYTES_MAX) {
            return decode(bytes, length);
        }
        int hash = 1;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + bytes[i];
        }
        int place = (hash ^ (hash >>> 15)) & (PLACES - 1);
        TopicName known = names[place];
        if (known == null || !Arrays.equals(spelled[place], 0, spelled[place].length, bytes, 0, length)) {
            known = decode(bytes, length);
            names[place] = known;
            spelled[place] = Arrays.copyOf(bytes, length);
        }
        return known;
    }

    private static TopicName decode(byte[] bytes, int length) {
        return new TopicName(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }
}
