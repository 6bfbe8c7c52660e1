// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.client;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Packets as a client's test needs them, with what it is not about left out. */
public final class Packets {

    private Packets() {}

    /** A client's CONNECT with clean start, without a will or a keep alive. */
    public static Packet.Connect connect(ProtocolVersion version, String clientId) {
        return connect(version, clientId, true, ConnectProperties.defaults());
    }

    public static Packet.Connect connect(
            ProtocolVersion version, String clientId, boolean cleanStart, ConnectProperties properties) {
        return new Packet.Connect(
                version, clientId, cleanStart, 0, properties, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public static Packet.Connect withWill(Packet.Connect connect, Message message, long delaySeconds) {
        return new Packet.Connect(
                connect.version(),
                connect.clientId(),
                connect.cleanStart(),
                connect.keepAliveSeconds(),
                connect.properties(),
                Optional.of(new Will(message, delaySeconds)),
                connect.userName(),
                connect.password());
    }

    public static Packet.Connect withKeepAlive(Packet.Connect connect, int seconds) {
        return new Packet.Connect(
                connect.version(),
                connect.clientId(),
                connect.cleanStart(),
                seconds,
                connect.properties(),
                connect.will(),
                connect.userName(),
                connect.password());
    }

    /** CONNECT's properties with a receive maximum. */
    public static ConnectProperties receiveMaximum(long sessionExpirySeconds, int receiveMaximum) {
        return new ConnectProperties(
                sessionExpirySeconds,
                receiveMaximum,
                OptionalLong.empty(),
                0,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** CONNECT's properties with a maximum packet size. */
    public static ConnectProperties maximumPacketSize(long bytes) {
        return new ConnectProperties(
                0,
                ConnectProperties.RECEIVE_MAXIMUM_DEFAULT,
                OptionalLong.of(bytes),
                0,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** CONNECT's properties with a topic alias maximum. */
    public static ConnectProperties topicAliasMaximum(int aliases) {
        return new ConnectProperties(
                0,
                ConnectProperties.RECEIVE_MAXIMUM_DEFAULT,
                OptionalLong.empty(),
                aliases,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** CONNECT's properties with request response information and request problem information. */
    public static ConnectProperties requesting(boolean responseInformation, boolean problemInformation) {
        return new ConnectProperties(
                0,
                ConnectProperties.RECEIVE_MAXIMUM_DEFAULT,
                OptionalLong.empty(),
                0,
                responseInformation,
                problemInformation,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** CONNECT's properties with an authentication method. */
    public static ConnectProperties authenticationMethod(String method) {
        return new ConnectProperties(
                0,
                ConnectProperties.RECEIVE_MAXIMUM_DEFAULT,
                OptionalLong.empty(),
                0,
                false,
                true,
                Optional.of(method),
                Optional.empty(),
                List.of());
    }

    public static Message message(String topic, String payload, Qos qos) {
        return message(topic, payload, qos, Message.NEVER);
    }

    public static Message message(String topic, String payload, Qos qos, long expirySeconds) {
        return Message.of(
                new TopicName(topic), qos, false, MessageProperties.none(), expirySeconds, 0, Payload.ofText(payload));
    }

    /** A message with the retain flag. */
    public static Message retained(String topic, String payload, Qos qos) {
        return retained(topic, payload, qos, Message.NEVER);
    }

    public static Message retained(String topic, String payload, Qos qos, long expirySeconds) {
        return Message.of(
                new TopicName(topic), qos, true, MessageProperties.none(), expirySeconds, 0, Payload.ofText(payload));
    }

    /** @param packetId 0 with QoS 0 */
    public static Packet.Publish publish(Message message, int packetId) {
        return new Packet.Publish(message, packetId, false, List.of());
    }

    public static Packet.Publish repeated(Message message, int packetId) {
        return new Packet.Publish(message, packetId, true, List.of());
    }

    public static Subscription subscription(String filter, Qos qos) {
        return new Subscription(TopicFilter.of(filter), qos, false, false, RetainHandling.SEND);
    }

    public static Packet.Subscribe subscribe(int packetId, Subscription... subscriptions) {
        return new Packet.Subscribe(packetId, List.of(subscriptions), OptionalInt.empty(), List.of());
    }

    public static Packet.Subscribe subscribe(int packetId, int subscriptionId, Subscription... subscriptions) {
        return new Packet.Subscribe(packetId, List.of(subscriptions), OptionalInt.of(subscriptionId), List.of());
    }

    public static Packet.Unsubscribe unsubscribe(int packetId, String... filters) {
        List<TopicFilter> each = List.of(filters).stream().map(TopicFilter::of).toList();
        return new Packet.Unsubscribe(packetId, each, List.of());
    }

    public static Packet.Pubrec pubrec(int packetId) {
        return pubrec(packetId, ReasonCode.SUCCESS);
    }

    public static Packet.Pubrec pubrec(int packetId, ReasonCode reason) {
        return new Packet.Pubrec(packetId, reason, Explanation.NONE);
    }

    public static Packet.Pubrel pubrel(int packetId) {
        return new Packet.Pubrel(packetId, ReasonCode.SUCCESS, Explanation.NONE);
    }

    public static Packet.Pubcomp pubcomp(int packetId) {
        return new Packet.Pubcomp(packetId, ReasonCode.SUCCESS, Explanation.NONE);
    }

    public static Packet.Disconnect disconnect(ReasonCode reason) {
        return new Packet.Disconnect(reason, OptionalLong.empty(), Optional.empty(), Explanation.NONE);
    }

    /** A DISCONNECT that changes the session expiry interval. */
    public static Packet.Disconnect disconnect(long sessionExpirySeconds) {
        return new Packet.Disconnect(
                ReasonCode.SUCCESS, OptionalLong.of(sessionExpirySeconds), Optional.empty(), Explanation.NONE);
    }
}
