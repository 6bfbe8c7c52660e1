// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.topic.TopicName;

/** A topic name that has been validated, beside its bytes, which are never changed. */
final class KnownTopic {

    private static final int OBJECTS_BYTES = 112;

    private final TopicName name;
    private final byte[] utf8;

    KnownTopic(TopicName name, byte[] utf8) {
        this.name = name;
        this.utf8 = utf8;
    }

    TopicName name() {
        return name;
    }

    byte[] utf8() {
        return utf8;
    }

    /** What it takes in memory, roughly: objects, bytes and characters. */
    int memory() {
        return OBJECTS_BYTES + 2 * utf8.length;
    }
}
