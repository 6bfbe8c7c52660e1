// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What has come from all clients and is kept until the disk has caught up: what the journal has yet to force, and the answers that wait for
 * that. When it is spent, sockets are not read. On the broker thread.
 */
final class Ingress {

    /** What an answer takes while it waits. */
    private static final long ANSWER_BYTES = 96;

    /** While nothing can be written, what makes room must still come in: as much again. */
    private static final int STUCK = 2;

    /** Publications of 3.1.1 clients that wait for room may have one part in so many. */
    private static final int WITHHELD = 2;

    private final LongSupplier bytesNotForced;
    private final BooleanSupplier stuck;
    private final long bytesMax;
    private long answers;
    private long withheldBytes;

    /**
     * @param bytesNotForced what the journal has
     * @param stuck whether it can write nothing for now
     */
    Ingress(LongSupplier bytesNotForced, BooleanSupplier stuck, long bytesMax) {
        this.bytesNotForced = bytesNotForced;
        this.stuck = stuck;
        this.bytesMax = bytesMax;
    }

    boolean isSpent() {
        long bytes = bytesNotForced.getAsLong() + answers * ANSWER_BYTES;
        return bytes > bytesMax && (bytes > STUCK * bytesMax || !stuck.getAsBoolean());
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
