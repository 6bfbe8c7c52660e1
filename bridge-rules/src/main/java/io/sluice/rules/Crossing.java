// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;

/**
 * How one message crosses a bridge by one rule.
 *
 * @param topic its name on the other side
 * @param qos its QoS on the other side
 * @param retain its retain flag on the other side
 */
public record Crossing(TopicName topic, Qos qos, boolean retain) {}
