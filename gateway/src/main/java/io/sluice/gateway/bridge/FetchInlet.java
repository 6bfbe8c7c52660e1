// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.SafeInOrder;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Router;
import io.sluice.rules.BridgeRule;
import java.time.Duration;

/** Routes what a bridge has fetched; upstream learns of it when it is safe. On the broker thread. */
public final class FetchInlet implements Inlet {

    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(1);

    private final String bridge;
    private final Loop loop;
    private final Router router;
    private final Journal journal;
    private final SafeInOrder<Runnable> answers;
    private final long ingressBytesMax;

    /** @param ingressBytesMax bytes taken in and not yet safe on disk, of all who send */
    public FetchInlet(String bridge, Loop loop, Journal journal, Router router, long ingressBytesMax) {
        this.bridge = bridge;
        this.loop = loop;
        this.router = router;
        this.journal = journal;
        this.answers = new SafeInOrder<>(journal, Runnable::run);
        this.ingressBytesMax = ingressBytesMax;
    }

    /** A message that is refused by a limit is offered again: upstream keeps it, and its window holds back what follows. */
    @Override
    public void take(BridgeRule.Fetch rule, Message renamed, Runnable durable) {
        Router.Routed routed = router.route(renamed, bridge, 0, 0);
        if (routed.reason() == ReasonCode.QUOTA_EXCEEDED) {
            loop.schedule(REFUSED_AGAIN, () -> take(rule, renamed, durable));
        } else {
            answers.add(durable, routed.receipt()); // in the order in which they came [MQTT-4.6.0-2]
        }
    }

    /** While nothing can be written there is room: nothing is kept, and what upstream acknowledges is what makes a full disk emptier. */
    @Override
    public boolean hasRoom() {
        return journal.isBlocked() || journal.bytesNotForced() <= ingressBytesMax;
    }
}
