// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.rules.BridgeRule;

/** Where fetched messages enter the gateway. Called on the broker thread. */
public interface Inlet {

    /** What becomes of a message. */
    enum Answer {
        /** It is on its way to disk. */
        TAKEN,
        /** By a limit that time alone does not lift: nobody gets it, and upstream is to be rid of it. */
        REFUSED,
        /** Nobody has got it for now: it is to be offered again, before all that came after it. Never with QoS 0. */
        LATER
    }

    /**
     * Takes a fetched message under its local name.
     *
     * @param durable to be run on the broker thread when upstream may forget the message and those before it: they are on disk for
     *     everyone who must have them, or refused; not with {@link Answer#LATER}
     */
    Answer take(BridgeRule.Fetch rule, Message renamed, Runnable durable);

    /** Whether more may come; if not, upstream is not listened to until it may. */
    boolean hasRoom();
}
