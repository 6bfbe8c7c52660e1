// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.List;
import java.util.Optional;

/** One line of a bridge: which topics cross, in which direction, under which name, how. */
public sealed interface BridgeRule {

    /** The rule's name, unique within its bridge; with the bridge's name it identifies the outbox. */
    String name();

    /** The topics that cross, on the side where they come from. */
    TopicFilter from();

    /** The name they get on the other side. */
    Renaming to();

    /**
     * From here to upstream.
     *
     * @param name unique within its bridge
     * @param from the local topics that cross
     * @param to their names upstream
     * @param qos the QoS on the link; empty keeps the message's own, which leaves QoS 0 unbuffered
     * @param retain what becomes of the retain flag
     * @param excludes topics that do not cross although {@code from} selects them
     */
    record Forward(
            String name, TopicFilter from, Renaming to, Optional<Qos> qos, Retain retain, List<TopicFilter> excludes)
            implements BridgeRule {
        public Forward {
            excludes = List.copyOf(excludes);
        }
    }

    /**
     * From upstream to here, by a subscription with the MQTT 5 options.
     *
     * @param name unique within its bridge
     * @param from the filter of the subscription
     * @param to the local names
     * @param qos the maximum QoS of the subscription
     * @param noLocal whether upstream keeps away what this bridge forwarded
     * @param retainAsPublished whether the retain flag arrives as it was published
     * @param retainHandling when retained messages are sent on subscribing
     */
    record Fetch(
            String name,
            TopicFilter from,
            Renaming to,
            Qos qos,
            boolean noLocal,
            boolean retainAsPublished,
            RetainHandling retainHandling)
            implements BridgeRule {}

    /** What becomes of the retain flag of a forwarded message. */
    enum Retain {
        KEEP,
        STRIP,
        SET
    }

    /** When upstream sends retained messages on subscribing (MQTT 5.0 section 3.8.3.1). */
    enum RetainHandling {
        SEND,
        SEND_IF_NEW,
        NEVER
    }
}
