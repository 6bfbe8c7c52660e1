// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.SafeInOrder;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.routing.Router;
import io.sluice.rules.BridgeRule;

/** Routes what a bridge has fetched; upstream learns of it when it is safe. On the broker thread. */
public final class FetchInlet implements Inlet {

    private final String bridge;
    private final Router router;
    private final Journal journal;
    private final SafeInOrder<Runnable> answers;
    private final long ingressBytesMax;

    /** @param ingressBytesMax bytes taken in and not yet safe on disk, of all who send */
    public FetchInlet(String bridge, Journal journal, Router router, long ingressBytesMax) {
        this.bridge = bridge;
        this.router = router;
        this.journal = journal;
        this.answers = new SafeInOrder<>(journal, Runnable::run);
        this.ingressBytesMax = ingressBytesMax;
    }

    @Override
    public Answer take(BridgeRule.Fetch rule, Message renamed, Runnable durable) {
        Router.Routed routed = router.route(renamed, bridge, 0, 0);
        if (routed.again()) {
            return Answer.LATER;
        }
        answers.add(durable, routed.receipt()); // in the order in which they came [MQTT-4.6.0-2]
        return routed.reason().isError() ? Answer.REFUSED : Answer.TAKEN;
    }

    /** While nothing can be written there is room: nothing is kept, and what upstream acknowledges is what makes a full disk emptier. */
    @Override
    public boolean hasRoom() {
        return journal.isBlocked() || journal.bytesNotForced() <= ingressBytesMax;
    }
}
