// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;

/** Gathers CONNECT and CONNACK (sections 3.1 and 3.2). */
final class ConnectWriter {

    private ConnectWriter() {}

    /** All of CONNECT behind its fixed header; the version is the packet's own. */
    static PacketOutput connect(Packet.Connect packet) {
        boolean five = packet.version() == ProtocolVersion.MQTT_5;
        PacketOutput out = new PacketOutput();
        out.text("MQTT").oneByte(packet.version().level()).oneByte(flags(packet));
        out.twoBytes(packet.keepAliveSeconds());
        if (five) {
            append(out, properties(packet.properties()));
        }
        out.text(packet.clientId());
        packet.will().ifPresent(will -> will(will, five, out));
        packet.userName().ifPresent(out::text);
        packet.password().ifPresent(out::binary);
        return out;
    }

    private static int flags(Packet.Connect packet) {
        int flags = (packet.cleanStart() ? 0x02 : 0)
                | (packet.userName().isPresent() ? 0x80 : 0)
                | (packet.password().isPresent() ? 0x40 : 0);
        if (packet.will().isEmpty()) {
            return flags;
        }
        Message message = packet.will().get().message();
        return flags | 0x04 | (message.qos().level() << 3) | (message.retain() ? 0x20 : 0);
    }

    private static PropertyWriter properties(Packet.ConnectProperties properties) {
        return new PropertyWriter(Place.CONNECT)
                .number(Property.SESSION_EXPIRY_INTERVAL, properties.sessionExpirySeconds(), 0)
                .number(
                        Property.RECEIVE_MAXIMUM,
                        properties.receiveMaximum(),
                        Packet.ConnectProperties.RECEIVE_MAXIMUM_DEFAULT)
                .number(Property.MAXIMUM_PACKET_SIZE, properties.maximumPacketSize())
                .number(Property.TOPIC_ALIAS_MAXIMUM, properties.topicAliasMaximum(), 0)
                .flag(Property.REQUEST_RESPONSE_INFORMATION, properties.requestResponseInformation(), false)
                .flag(Property.REQUEST_PROBLEM_INFORMATION, properties.requestProblemInformation(), true)
                .text(Property.AUTHENTICATION_METHOD, properties.authenticationMethod())
                .binary(Property.AUTHENTICATION_DATA, properties.authenticationData())
                .userProperties(properties.userProperties());
    }

    private static void will(Will will, boolean five, PacketOutput out) {
        Message message = will.message();
        byte[] bytes = message.bytes();
        if (five) {
            PropertyWriter properties = new PropertyWriter(Place.WILL)
                    .number(Property.WILL_DELAY_INTERVAL, will.delaySeconds(), 0)
                    .number(Property.MESSAGE_EXPIRY_INTERVAL, message.expirySeconds(), Message.NEVER);
            properties.bytes().raw(bytes, message.topicBytes(), message.propertiesBytes());
            append(out, properties);
        }
        out.twoBytes(message.topicBytes()).raw(bytes, 0, message.topicBytes());
        out.binary(message.payload());
    }

    private static void append(PacketOutput out, PropertyWriter properties) {
        out.variableByteInteger(properties.bytes().length());
        properties.bytes().appendTo(out);
    }

    /** CONNACK's properties but the explanation. */
    static PropertyWriter connackProperties(Packet.ConnackProperties properties) {
        PropertyWriter out = new PropertyWriter(Place.CONNACK)
                .number(Property.SESSION_EXPIRY_INTERVAL, properties.sessionExpirySeconds())
                .number(
                        Property.RECEIVE_MAXIMUM,
                        properties.receiveMaximum(),
                        Packet.ConnectProperties.RECEIVE_MAXIMUM_DEFAULT)
                .number(Property.MAXIMUM_QOS, properties.maximumQos().level(), Qos.EXACTLY_ONCE.level())
                .flag(Property.RETAIN_AVAILABLE, properties.retainAvailable(), true)
                .number(Property.MAXIMUM_PACKET_SIZE, properties.maximumPacketSize())
                .text(Property.ASSIGNED_CLIENT_IDENTIFIER, properties.assignedClientId())
                .number(Property.TOPIC_ALIAS_MAXIMUM, properties.topicAliasMaximum(), 0)
                .flag(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, properties.wildcardSubscriptionAvailable(), true)
                .flag(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, properties.subscriptionIdentifiersAvailable(), true)
                .flag(Property.SHARED_SUBSCRIPTION_AVAILABLE, properties.sharedSubscriptionAvailable(), true);
        properties.serverKeepAliveSeconds().ifPresent(seconds -> out.number(Property.SERVER_KEEP_ALIVE, seconds));
        return out.text(Property.RESPONSE_INFORMATION, properties.responseInformation())
                .text(Property.SERVER_REFERENCE, properties.serverReference())
                .text(Property.AUTHENTICATION_METHOD, properties.authenticationMethod())
                .binary(Property.AUTHENTICATION_DATA, properties.authenticationData());
    }
}
