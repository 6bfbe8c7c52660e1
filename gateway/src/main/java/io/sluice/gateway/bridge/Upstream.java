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
public interface Upstream {

    /**
     * Begins to connect; answered by {@link Events#connected} and, when that connection ends, {@link Events#closed}, or by
     * {@link Events#closed} alone.
     */
    void connect(URI address);

    /**
     * Subscribes with the rules' options, each under its number in the list, from 1, as subscription identifier where upstream
     * has them; answered by {@link Events#subscribed} for each rule.
     */
    void subscribe(List<BridgeRule.Fetch> rules);

    /**
     * Publishes a message; answered by {@link Events#published} or, if the connection ends before, not at all. With QoS 0 it is
     * answered when the bytes have been handed to the socket, and what is larger than upstream takes with PACKET_TOO_LARGE. What one turn of the loop publishes and acknowledges leaves together.
     *
     * @param token the caller's, unique on this connection
     * @param expirySeconds what is left of the message expiry interval, or {@link Message#NEVER}
     */
    void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message);

    /** Whether upstream takes in what was published; if not, {@link Events#writable} tells when to go on. */
    boolean isWritable();

    /** Acknowledges a fetched message to upstream; without effect when its connection has ended. */
    void acknowledge(Fetched fetched);

    /** Whether upstream is listened to; at the beginning of each connection it is. */
    void read(boolean on);

    /** Ends the connection in good order, if there is one; answered by {@link Events#closed}. */
    void disconnect();

    /**
     * What upstream said at CONNACK.
     *
     * @param receiveMaximum QoS 1 and 2 messages that may be unacknowledged, 1 to 65,535
     * @param subscriptionIdentifiers whether upstream supports them
     */
    record Terms(
            boolean sessionPresent,
            int receiveMaximum,
            Qos maximumQos,
            boolean retainAvailable,
            boolean subscriptionIdentifiers) {}

    /**
     * A message from upstream.
     *
     * @param connection which connection it came on, counted by the link
     * @param packetId the packet identifier, 0 with QoS 0
     * @param subscriptionIds the identifiers of the subscriptions that it matched, if upstream has them
     */
    record Fetched(long connection, int packetId, Message message, List<Integer> subscriptionIds) {}

    /** Who ended a connection. */
    enum End {
        /** Upstream: by DISCONNECT, by closing the socket, or by sending what cannot be understood. */
        PEER,
        /** This side, or silence: a time limit passed, or no connection came about at all. */
        OTHER
    }

    /** What the link tells the bridge, on the broker thread. */
    interface Events {
        void connected(Terms terms);

        /** There is no connection any more, or none came about. */
        void closed(End end, String why);

        void subscribed(BridgeRule.Fetch rule, ReasonCode reason);

        void published(long token, ReasonCode reason);

        /** More may be published. */
        void writable();

        void fetched(Fetched fetched);

        /** A message came that is none, such as one with an invalid topic name; it has been acknowledged. */
        void refused(String why);
    }
}
