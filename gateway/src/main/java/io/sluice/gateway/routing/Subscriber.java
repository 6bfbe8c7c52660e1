// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;

/** Takes deliveries: a session, a bridge's rule, a device's commands. On the broker thread. */
public interface Subscriber {

    /** Who publishes in its name: what comes from there is local to it, and no-local keeps it back [MQTT-3.8.3-3]. */
    Object origin();

    /**
     * Takes a message that matched. What must be had durably is added to the receivers, and the message's record follows in the same
     * turn; whoever takes it without that has it in memory when this returns, or counts why not.
     *
     * @param maximumQos the highest QoS of the matching subscriptions
     * @param retain the retain flag of the delivery
     * @param subscriptionIds the identifiers of the matching subscriptions
     */
    void admit(Message message, Qos maximumQos, boolean retain, List<Integer> subscriptionIds, Receivers receivers);
}
