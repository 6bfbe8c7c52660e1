// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import io.sluice.topic.TopicName;
import java.util.Arrays;

/** A topic name that is known to be valid, beside its UTF-8. Usable from any thread. */
public final class KnownTopic {

    private static final int OBJECTS_BYTES = 112;

    private final TopicName name;
    private final byte[] utf8;

    /** @param utf8 given away: never changed from here on */
    public KnownTopic(TopicName name, byte[] utf8) {
        this.name = name;
        this.utf8 = utf8;
    }

    public TopicName name() {
        return name;
    }

    /** Not to be changed. */
    public byte[] utf8() {
        return utf8;
    }

    /** Whether its UTF-8 is the first {@code length} bytes. */
    public boolean is(byte[] bytes, int length) {
        return Arrays.equals(utf8, 0, utf8.length, bytes, 0, length);
    }

    /** What it takes in memory, roughly, in bytes: objects, UTF-8 and characters. */
    public int memory() {
        return OBJECTS_BYTES + 2 * utf8.length;
    }
}
