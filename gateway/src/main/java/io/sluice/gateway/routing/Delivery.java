// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;

/**
 * A message as one subscriber gets it.
 *
 * @param sequence its number in the subscriber's outbox, never used twice
 * @param qos the lower of the message's and the subscription's
 * @param retain the retain flag as the subscriber sees it
 * @param subscriptionIds the identifiers of the subscriptions that matched
 * @param repeated whether it may have been sent before
 */
public record Delivery(
        long sequence, Message message, Qos qos, boolean retain, List<Integer> subscriptionIds, boolean repeated) {

    /** The same, sent again. */
    public Delivery again() {
        return new Delivery(sequence, message, qos, retain, subscriptionIds, true);
    }
}
