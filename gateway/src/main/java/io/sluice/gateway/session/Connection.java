// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import java.util.List;
import java.util.Optional;

/**
 * A network connection as the broker thread sees it. What is sent goes out at the end of the turn; nothing here calls back before it
 * returns.
 */
public interface Connection {

    /** Sends a packet; without effect when the connection has ended. */
    void send(Packet packet);

    /**
     * Sends a PUBLISH.
     *
     * @param packetId 0 with QoS 0
     * @param expirySeconds what is left of the message expiry interval, or {@link Message#NEVER}
     * @return false if it would exceed the client's maximum packet size, in which case nothing is sent [MQTT-3.1.2-24]
     */
    boolean publish(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds);

    /** Whether there is room for more; if not, {@link Conversation#onWritable} tells when there is again. */
    boolean isWritable();

    /**
     * From CONNECT on: which version to speak, and the client's limits.
     *
     * @param topicAliases topic aliases that are offered, 0 to 65,535; the client may want fewer
     */
    void speak(ProtocolVersion version, ConnectProperties properties, int topicAliases);

    /** Who says which clients may come in here; empty where all may, and may do everything. */
    Optional<Guard> guard();

    /** The user whom the client's certificate names, where certificates tell who a client is. */
    Optional<String> certificateName();

    /** The largest packet that is taken from it, in bytes. */
    int packetBytesMax();

    /** Whether the listener has as many connections as it may without this one. */
    boolean isBeyondLimit();

    /** Keeps what has come from being looked at, or goes on with it, soon. */
    void hold(boolean on);

    /** Stops or goes on reading from the socket. */
    void read(boolean on);

    /** Ends the connection when what was sent has gone out. */
    void close();

    /** The peer's address, for the log. */
    String peer();
}
