// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.OutboxLog;
import io.sluice.topic.Qos;
import org.jspecify.annotations.Nullable;

/** Whether the next delivery of an outbox may be sent, as far as the journal is concerned. Lives on the broker thread. */
final class SendPermission {

    private final Journal journal;
    private final @Nullable OutboxLog log;
    private final Runnable onGiven;
    private boolean waits;

    /**
     * @param log of the outbox, if it is durable
     * @param onGiven told when it is worth asking again
     */
    SendPermission(Journal journal, @Nullable OutboxLog log, Runnable onGiven) {
        this.journal = journal;
        this.log = log;
        this.onGiven = onGiven;
    }

    /** @param batch the journal's batch that must be forced before */
    boolean isGiven(Delivery delivery, long batch) {
        boolean given = log == null
                || journal.isForced(batch)
                || (delivery.qos() == Qos.AT_LEAST_ONCE && journal.mayPrecedeForce(log, delivery.sequence()));
        if (!given && !waits) {
            waits = true;
            journal.whenForced(batch, () -> {
                waits = false;
                onGiven.run();
            });
        }
        return given;
    }
}
