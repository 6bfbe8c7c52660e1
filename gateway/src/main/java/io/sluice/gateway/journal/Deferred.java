// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message whose record waits in {@link Deferrals}: for all to settle it, after which it is never written, or to be put into a
 * batch. Lives on the broker thread.
 */
final class Deferred {

    private final Deferrals among;
    private final long number;
    private final long bytes;
    /** Those who have not settled it. */
    private final Receivers receivers;

    private final List<Runnable> tasks = new ArrayList<>(1);
    private @Nullable Message message;
    private long batch;

    Deferred(Deferrals among, long number, Message message, Receivers receivers) {
        this.among = among;
        this.number = number;
        this.message = message;
        this.bytes = message.bytes().length;
        this.receivers = receivers.copy();
    }

    long number() {
        return number;
    }

    /** Bytes of the message's topic, properties and payload. */
    long bytes() {
        return bytes;
    }

    Receivers receivers() {
        return receivers;
    }

    /** The message while its record waits, then null. */
    @Nullable
    Message message() {
        return message;
    }

    /** The batch in which its record is, or 0. */
    long batch() {
        return batch;
    }

    boolean isSettledByAll() {
        return receivers.isEmpty();
    }

    /** What is to be run when it is known what has become of it. */
    List<Runnable> tasks() {
        return tasks;
    }

    /** Its record is in a batch. */
    void written(long inBatch) {
        batch = inBatch;
        message = null;
    }

    /** One of its receivers has settled it. */
    void settled(long owner, long sequence) {
        receivers.remove(owner, sequence);
        if (receivers.isEmpty()) {
            message = null;
            among.settledByAll(this);
        }
    }
}
