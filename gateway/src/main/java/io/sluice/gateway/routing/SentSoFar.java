// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.topic.Qos;

/** How far the deliveries of an outbox were sent, or may have been. Lives on the broker thread. */
final class SentSoFar {

    /** Sequences below were sent since the start, if they were in memory. */
    private long below;

    /** Sequences below may have been sent before the start. */
    private long maybeBelow;

    /** Those with lower sequences may have been sent before the start. */
    void maybe(long sequence) {
        maybeBelow = sequence;
    }

    /** One is sent now; whether it may have been before. */
    boolean send(long sequence) {
        boolean repeated = sequence < Math.max(below, maybeBelow);
        below = Math.max(below, sequence + 1);
        return repeated;
    }

    /** One that was sent goes on to its end [MQTT-4.3.3-7]; with QoS 1 that is no more than a matter of taste. */
    boolean mayExpire(Delivery delivery) {
        return delivery.sequence() >= below
                && (delivery.qos() == Qos.AT_LEAST_ONCE || delivery.sequence() >= maybeBelow);
    }
}
