// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import java.util.function.LongSupplier;

/**
 * What has come from all clients and is kept until the disk has caught up: what the journal has yet to force, and the answers that wait for
 * that. When it is spent, sockets are not read. On the broker thread.
 */
final class Ingress {

    /** What an answer takes while it waits. */
    private static final long ANSWER_BYTES = 96;

    /** Publications of 3.1.1 clients that wait for room may have one part in so many. */
    private static final int WITHHELD = 2;

    private final LongSupplier bytesNotForced;
    private final long bytesMax;
    private long answers;
    private long withheldBytes;

    /** @param bytesNotForced what the journal has */
    Ingress(LongSupplier bytesNotForced, long bytesMax) {
        this.bytesNotForced = bytesNotForced;
        this.bytesMax = bytesMax;
    }

    boolean isSpent() {
        return bytesNotForced.getAsLong() + answers * ANSWER_BYTES > bytesMax;
    }

    /** Counts answers that wait, or fewer if negative. */
    void owe(int count) {
        answers += count;
    }

    /**
     * Counts publications that are withheld, in bytes, or fewer if negative.
     *
     * @return false when all clients together have more of them than may wait
     */
    boolean withhold(long bytes) {
        withheldBytes += bytes;
        return withheldBytes <= bytesMax / WITHHELD;
    }
}
