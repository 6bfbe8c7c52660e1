// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.util.List;

/**
 * The link to one upstream broker, one connection at a time. Every method is called on the broker thread and never blocks; every
 * event arrives on the broker thread. It keeps nothing that outlives a connection: what is not settled is published again by the
 * bridge over the next one.
 */
interface Upstream {

    /** Begins to connect; answered by exactly one of {@link Events#connected} and {@link Events#closed}. */
    void connect(URI address);

    /** Subscribes with the rules' options; answered by {@link Events#subscribed} for each rule. */
    void subscribe(List<BridgeRule.Fetch> rules);

    /**
     * Publishes a message; answered by {@link Events#published} or, if the connection ends before, not at all. With QoS 0 it is
     * answered when the bytes have been handed to the socket.
     *
     * @param token the caller's, unique on this connection
     * @param expirySeconds what is left of the message expiry interval, or {@link Message#NEVER}
     */
    void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message);

    /** Acknowledges a fetched message to upstream; without effect when its connection has ended. */
    void acknowledge(Fetched fetched);

    /** Ends the connection in good order, if there is one; answered by {@link Events#closed}. */
    void disconnect();

    /** What upstream said at CONNACK. */
    record Terms(
            boolean sessionPresent,
            int receiveMaximum,
            Qos maximumQos,
            boolean retainAvailable,
            long maximumPacketSize) {}

    /**
     * A message from upstream.
     *
     * @param connection which connection it came on, counted by the link
     * @param packetId the packet identifier, 0 with QoS 0
     */
    record Fetched(long connection, int packetId, Message message) {}

    /** What the link tells the bridge, on the broker thread. */
    interface Events {
        void connected(Terms terms);

        /** There is no connection any more, or none came about. */
        void closed(String why);

        void subscribed(BridgeRule.Fetch rule, ReasonCode reason);

        void published(long token, ReasonCode reason);

        void fetched(Fetched fetched);
    }
}
