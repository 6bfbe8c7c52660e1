// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.packet;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The fifteen control packets of MQTT 5.0 (section 3) as values; 3.1.1 packets are the same with what it does not have left
 * empty. Packet identifiers are 1 to 65,535, and 0 in a PUBLISH with QoS 0.
 */
public sealed interface Packet {

    /**
     * @param keepAliveSeconds 0 to 65,535, where 0 turns the keep alive off
     * @param will published when the connection ends without a DISCONNECT
     */
    record Connect(
            ProtocolVersion version,
            String clientId,
            boolean cleanStart,
            int keepAliveSeconds,
            ConnectProperties properties,
            Optional<Will> will,
            Optional<String> userName,
            Optional<Payload> password)
            implements Packet {}

    record Connack(boolean sessionPresent, ReasonCode reason, ConnackProperties properties) implements Packet {}

    /**
     * A message on the wire. The reader has resolved a topic alias already, so that the message always has its topic.
     *
     * @param packetId 0 with QoS 0
     * @param subscriptionIds the identifiers of the subscriptions that matched, each 1 to 268,435,455; only from server to client
     */
    record Publish(Message message, int packetId, boolean dup, List<Integer> subscriptionIds) implements Packet {
        public Publish {
            subscriptionIds = List.copyOf(subscriptionIds);
        }
    }

    record Puback(int packetId, ReasonCode reason, Explanation explanation) implements Packet {}

    record Pubrec(int packetId, ReasonCode reason, Explanation explanation) implements Packet {}

    record Pubrel(int packetId, ReasonCode reason, Explanation explanation) implements Packet {}

    record Pubcomp(int packetId, ReasonCode reason, Explanation explanation) implements Packet {}

    /** @param subscriptionId 1 to 268,435,455, if the client gave one */
    record Subscribe(
            int packetId,
            List<Subscription> subscriptions,
            OptionalInt subscriptionId,
            List<UserProperty> userProperties)
            implements Packet {
        public Subscribe {
            subscriptions = List.copyOf(subscriptions);
            userProperties = List.copyOf(userProperties);
        }
    }

    record Suback(int packetId, List<ReasonCode> reasons, Explanation explanation) implements Packet {
        public Suback {
            reasons = List.copyOf(reasons);
        }
    }

    record Unsubscribe(int packetId, List<TopicFilter> filters, List<UserProperty> userProperties) implements Packet {
        public Unsubscribe {
            filters = List.copyOf(filters);
            userProperties = List.copyOf(userProperties);
        }
    }

    /** @param reasons one for each filter; on the wire 3.1.1 has none */
    record Unsuback(int packetId, List<ReasonCode> reasons, Explanation explanation) implements Packet {
        public Unsuback {
            reasons = List.copyOf(reasons);
        }
    }

    record Pingreq() implements Packet {}

    record Pingresp() implements Packet {}

    /**
     * @param sessionExpirySeconds the session expiry interval, 0 to 4,294,967,295; only from client to server
     * @param serverReference another server to use; only from server to client
     */
    record Disconnect(
            ReasonCode reason,
            OptionalLong sessionExpirySeconds,
            Optional<String> serverReference,
            Explanation explanation)
            implements Packet {}

    record Auth(
            ReasonCode reason,
            Optional<String> authenticationMethod,
            Optional<Payload> authenticationData,
            Explanation explanation)
            implements Packet {}

    /** What a person may read about a reason code: the reason string and user properties. */
    record Explanation(Optional<String> reasonString, List<UserProperty> userProperties) {
        public static final Explanation NONE = new Explanation(Optional.empty(), List.of());

        public Explanation {
            userProperties = List.copyOf(userProperties);
        }

        public static Explanation of(String reasonString) {
            return new Explanation(Optional.of(reasonString), List.of());
        }
    }

    /**
     * The properties of CONNECT, where absent ones have the default of the specification (MQTT 5.0 section 3.1.2.11).
     *
     * @param sessionExpirySeconds 0 to 4,294,967,295, where the highest means never; 3.1.1 with clean session 0 has the highest
     * @param receiveMaximum 1 to 65,535
     * @param maximumPacketSize in bytes, at least 1; empty means no limit but the protocol's
     * @param topicAliasMaximum 0 to 65,535
     */
    record ConnectProperties(
            long sessionExpirySeconds,
            int receiveMaximum,
            OptionalLong maximumPacketSize,
            int topicAliasMaximum,
            boolean requestResponseInformation,
            boolean requestProblemInformation,
            Optional<String> authenticationMethod,
            Optional<Payload> authenticationData,
            List<UserProperty> userProperties) {
        public static final long NEVER_EXPIRES = 0xFFFF_FFFFL;
        public static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;

        public ConnectProperties {
            userProperties = List.copyOf(userProperties);
        }

        /** All absent; the session ends with the connection. */
        public static ConnectProperties defaults() {
            return withExpiry(0);
        }

        /** All absent but the session expiry interval. */
        public static ConnectProperties withExpiry(long sessionExpirySeconds) {
            return new ConnectProperties(
                    sessionExpirySeconds,
                    RECEIVE_MAXIMUM_DEFAULT,
                    OptionalLong.empty(),
                    0,
                    false,
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    List.of());
        }
    }

    /**
     * The properties of CONNACK (MQTT 5.0 section 3.2.2.3); empty ones, and those with their default, are not sent.
     *
     * @param sessionExpirySeconds sent when it differs from what the client asked for
     */
    record ConnackProperties(
            OptionalLong sessionExpirySeconds,
            int receiveMaximum,
            Qos maximumQos,
            boolean retainAvailable,
            OptionalLong maximumPacketSize,
            Optional<String> assignedClientId,
            int topicAliasMaximum,
            boolean wildcardSubscriptionAvailable,
            boolean subscriptionIdentifiersAvailable,
            boolean sharedSubscriptionAvailable,
            OptionalInt serverKeepAliveSeconds,
            Optional<String> responseInformation,
            Optional<String> serverReference,
            Optional<String> authenticationMethod,
            Optional<Payload> authenticationData,
            Explanation explanation) {

        /** All absent: what goes with a refusal. */
        public static ConnackProperties none() {
            return refusing(Optional.empty(), Explanation.NONE);
        }

        /** All absent but what goes with a refusal. */
        public static ConnackProperties refusing(Optional<String> serverReference, Explanation explanation) {
            return new ConnackProperties(
                    OptionalLong.empty(),
                    ConnectProperties.RECEIVE_MAXIMUM_DEFAULT,
                    Qos.EXACTLY_ONCE,
                    true,
                    OptionalLong.empty(),
                    Optional.empty(),
                    0,
                    true,
                    true,
                    true,
                    OptionalInt.empty(),
                    Optional.empty(),
                    serverReference,
                    Optional.empty(),
                    Optional.empty(),
                    explanation);
        }
    }
}
