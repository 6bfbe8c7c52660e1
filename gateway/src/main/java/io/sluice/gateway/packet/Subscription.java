// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.packet;

import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;

/**
 * A topic filter with its options (MQTT 5.0 section 3.8.3.1). In 3.1.1 the options other than QoS have their zero values.
 *
 * @param maximumQos the highest QoS the subscriber wants
 */
public record Subscription(
        TopicFilter filter, Qos maximumQos, boolean noLocal, boolean retainAsPublished, RetainHandling retainHandling) {

    /** The same with a QoS that is no higher than the given one. */
    public Subscription atMost(Qos qos) {
        return new Subscription(filter, maximumQos.min(qos), noLocal, retainAsPublished, retainHandling);
    }
}
