// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.rules.BridgeRule;

/** Where fetched messages enter the gateway. Called on the broker thread. */
public interface Inlet {

    /**
     * Takes a fetched message under its local name.
     *
     * @param durable to be run on the broker thread when the message is safe: on disk for everyone who must have it
     */
    void take(BridgeRule.Fetch rule, Message renamed, Runnable durable);

    /** Whether more may come; if not, upstream is not listened to until it may. */
    boolean hasRoom();
}
