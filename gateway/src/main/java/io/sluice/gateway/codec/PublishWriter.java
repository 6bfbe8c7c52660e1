// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import java.util.List;

/** Writes PUBLISH straight from the message's own bytes. One per connection; allocates nothing but what topic aliases need. */
final class PublishWriter {

    private final ProtocolVersion version;
    private OutgoingAliases aliases = new OutgoingAliases(0, Room.ENOUGH);

    PublishWriter(ProtocolVersion version) {
        this.version = version;
    }

    void topicAliasMaximum(int maximum, Room room) {
        aliases = new OutgoingAliases(maximum, room);
    }

    /** As {@link PacketWriter#publish}, with the receiver's maximum packet size. */
    boolean write(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds,
            long packetBytesMax,
            ByteBuf out) {
        // What is sent again carries its topic: an alias may mean something else by now.
        int choice = dup ? 0 : aliases.choose(message.topic(), message.topicBytes());
        boolean written =
                write(message, qos, dup, retain, packetId, subscriptionIds, expirySeconds, choice, packetBytesMax, out);
        if (!written && choice < 0) {
            aliases.forgo(message.topic(), -choice);
            return write(message, qos, dup, retain, packetId, subscriptionIds, expirySeconds, 0, packetBytesMax, out);
        }
        if (choice < 0) {
            aliases.set(message.topic(), -choice);
        }
        return written;
    }

    /** @param alias an alias in the place of the topic, one to set if negative, or 0 for none */
    private boolean write(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds,
            int alias,
            long packetBytesMax,
            ByteBuf out) {
        boolean five = version == ProtocolVersion.MQTT_5;
        int ownProperties = five ? ownPropertiesBytes(subscriptionIds, expirySeconds, alias) : 0;
        int properties = ownProperties + message.propertiesBytes();
        int topicBytes = alias > 0 ? 0 : message.topicBytes();
        long body = 2L
                + topicBytes
                + (qos == Qos.AT_MOST_ONCE ? 0 : 2)
                + (five ? VariableByteInteger.bytes(properties) + properties : 0)
                + message.payloadBytes();
        if (body > VariableByteInteger.MAX) {
            return false;
        }
        int remaining = (int) body;
        int packetBytes = 1 + VariableByteInteger.bytes(remaining) + remaining;
        if (packetBytes > packetBytesMax) {
            return false; // [MQTT-3.1.2-24]
        }
        out.ensureWritable(packetBytes);
        out.writeByte(0x30 | (dup ? 8 : 0) | (qos.level() << 1) | (retain ? 1 : 0));
        VariableByteInteger.write(remaining, out);
        out.writeShort(topicBytes);
        byte[] bytes = message.bytes();
        out.writeBytes(bytes, 0, topicBytes);
        if (qos != Qos.AT_MOST_ONCE) {
            out.writeShort(packetId);
        }
        if (!five) {
            out.writeBytes(bytes, message.payloadOffset(), message.payloadBytes());
            return true;
        }
        VariableByteInteger.write(properties, out);
        if (ownProperties > 0) {
            writeOwnProperties(subscriptionIds, expirySeconds, alias, out);
        }
        out.writeBytes(bytes, message.topicBytes(), bytes.length - message.topicBytes());
        return true;
    }

    private static int ownPropertiesBytes(List<Integer> subscriptionIds, long expirySeconds, int alias) {
        int bytes = (expirySeconds == Message.NEVER ? 0 : 5) + (alias == 0 ? 0 : 3);
        for (int i = 0; i < subscriptionIds.size(); i++) {
            bytes += 1 + VariableByteInteger.bytes(subscriptionIds.get(i));
        }
        return bytes;
    }

    private static void writeOwnProperties(List<Integer> subscriptionIds, long expirySeconds, int alias, ByteBuf out) {
        if (alias != 0) {
            out.writeByte(Property.TOPIC_ALIAS.id());
            out.writeShort(Math.abs(alias));
        }
        if (expirySeconds != Message.NEVER) {
            out.writeByte(Property.MESSAGE_EXPIRY_INTERVAL.id());
            out.writeInt((int) expirySeconds);
        }
        for (int i = 0; i < subscriptionIds.size(); i++) {
            out.writeByte(Property.SUBSCRIPTION_IDENTIFIER.id());
            VariableByteInteger.write(subscriptionIds.get(i), out);
        }
    }
}
