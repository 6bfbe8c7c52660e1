// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Delivery;
import io.sluice.rules.BridgeRule;

/** Where deliveries go that upstream can never take, so that the rest flows. Called on the broker thread. */
@FunctionalInterface
public interface Parking {

    /** Sets the delivery aside on disk; the bridge settles it in its outbox afterwards. */
    void park(BridgeRule.Forward rule, Delivery delivery, ReasonCode reason);
}
