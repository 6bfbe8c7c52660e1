// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads CONNACK, SUBACK and UNSUBACK: what only a server sends (MQTT 5.0 sections 3.2, 3.9 and 3.11). */
final class AnswerReader {

    private AnswerReader() {}

    static Packet.Connack connack(PacketInput in, ProtocolVersion version) throws ProtocolException {
        int flags = in.unsignedByte();
        if (flags > 1) {
            throw Refusal.malformed("MQTT-3.2.2-1", "CONNACK: reserved flags must be 0, found 0x%02X".formatted(flags));
        }
        int code = in.unsignedByte();
        ReasonCode reason = version == ProtocolVersion.MQTT_5
                ? ReasonTable.CONNACK.require(code, Sender.SERVER)
                : ConnackReturnCode.reason(code);
        if (flags == 1 && reason != ReasonCode.SUCCESS) {
            throw Refusal.protocolError("MQTT-3.2.2-6", "CONNACK: session present must be 0 with " + reason);
        }
        Packet.ConnackProperties properties =
                version == ProtocolVersion.MQTT_5 ? connackProperties(in) : Packet.ConnackProperties.none();
        return new Packet.Connack(flags == 1, reason, properties);
    }

    private static Packet.ConnackProperties connackProperties(PacketInput in) throws ProtocolException {
        PropertySet set = PropertySet.read(in, Place.CONNACK);
        Optional<String> method = set.text(Property.AUTHENTICATION_METHOD);
        Optional<Payload> data = set.binary(Property.AUTHENTICATION_DATA);
        if (data.isPresent() && method.isEmpty()) {
            throw Refusal.protocolError(
                    Refusal.UNNUMBERED, "CONNACK: authentication data without an authentication method");
        }
        return new Packet.ConnackProperties(
                set.number(Property.SESSION_EXPIRY_INTERVAL),
                (int) set.number(Property.RECEIVE_MAXIMUM, Packet.ConnectProperties.RECEIVE_MAXIMUM_DEFAULT),
                Qos.of((int) set.number(Property.MAXIMUM_QOS, Qos.EXACTLY_ONCE.level())),
                set.flag(Property.RETAIN_AVAILABLE, true),
                set.number(Property.MAXIMUM_PACKET_SIZE),
                set.text(Property.ASSIGNED_CLIENT_IDENTIFIER),
                (int) set.number(Property.TOPIC_ALIAS_MAXIMUM, 0),
                set.flag(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, true),
                set.flag(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, true),
                set.flag(Property.SHARED_SUBSCRIPTION_AVAILABLE, true),
                set.smallNumber(Property.SERVER_KEEP_ALIVE),
                set.text(Property.RESPONSE_INFORMATION),
                set.text(Property.SERVER_REFERENCE),
                method,
                data,
                set.explanation());
    }

    static Packet.Suback suback(PacketInput in, ProtocolVersion version) throws ProtocolException {
        int packetId = in.packetId("MQTT-2.2.1-6");
        PropertySet properties =
                version == ProtocolVersion.MQTT_5 ? PropertySet.read(in, Place.SUBACK) : PropertySet.NONE;
        return new Packet.Suback(
                packetId, reasons(in, ReasonTable.SUBACK, version, "MQTT-3.8.4-6"), properties.explanation());
    }

    static Packet.Unsuback unsuback(PacketInput in, ProtocolVersion version) throws ProtocolException {
        int packetId = in.packetId("MQTT-2.2.1-6");
        if (version == ProtocolVersion.MQTT_3_1_1) {
            return new Packet.Unsuback(packetId, List.of(), Packet.Explanation.NONE);
        }
        PropertySet properties = PropertySet.read(in, Place.UNSUBACK);
        return new Packet.Unsuback(
                packetId, reasons(in, ReasonTable.UNSUBACK, version, "MQTT-3.11.3-1"), properties.explanation());
    }

    private static List<ReasonCode> reasons(
            PacketInput in, ReasonTable table, ProtocolVersion version, String atLeastOne) throws ProtocolException {
        if (!in.hasMore()) {
            throw Refusal.protocolError(atLeastOne, table + " must contain a reason code for each topic filter");
        }
        List<ReasonCode> reasons = new ArrayList<>(in.remaining());
        while (in.hasMore()) {
            ReasonCode reason = table.require(in.unsignedByte(), Sender.SERVER);
            if (version == ProtocolVersion.MQTT_3_1_1 && reason.isError() && reason != ReasonCode.UNSPECIFIED_ERROR) {
                throw Refusal.protocolError("MQTT-3.9.3-2", "3.1.1 has 0, 1, 2 and 0x80 in SUBACK, found " + reason);
            }
            reasons.add(reason);
        }
        return reasons;
    }
}
