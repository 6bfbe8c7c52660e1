// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes PUBLISH straight from the message's own bytes. One per connection; allocates nothing but what topic aliases need, and room for
 * what stands before the payload where the buffer has no array for it.
 */
final class PublishWriter {

    private static final int DUP = 0b1000;
    private static final int QOS = 0b0110;

    /** First byte, remaining length, length of the topic, packet identifier, length of the properties. */
    private static final int HEAD_BYTES_MAX = 1 + 4 + 2 + 2 + 4;

    /** A longer topic than fits in has an array of its own. */
    private static final int HEAD_BYTES_KEPT = 256;

    private static final byte[] NONE = {};

    private final ProtocolVersion version;
    private @Nullable OutgoingAliases aliases;
    private byte[] kept = NONE;

    PublishWriter(ProtocolVersion version) {
        this.version = version;
    }

    void topicAliasMaximum(int maximum, Room room) {
        aliases = maximum == 0 ? null : new OutgoingAliases(maximum, room);
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
        Topic topic = new Topic(message.topic(), message.bytes(), message.topicBytes());
        int first = first(qos, retain) | (dup ? DUP : 0);
        return write(topic, message, first, packetId, subscriptionIds, expirySeconds, packetBytesMax, out);
    }

    /** As {@link PacketWriter#publishAs}, with the receiver's maximum packet size. */
    boolean writeAs(
            TopicName name,
            Message message,
            Qos qos,
            boolean retain,
            int packetId,
            long expirySeconds,
            long packetBytesMax,
            ByteBuf out) {
        Topic topic;
        if (name.equals(message.topic())) {
            topic = new Topic(name, message.bytes(), message.topicBytes());
        } else {
            byte[] utf8 = name.value().getBytes(StandardCharsets.UTF_8);
            topic = new Topic(name, utf8, utf8.length);
        }
        return write(topic, message, first(qos, retain), packetId, List.of(), expirySeconds, packetBytesMax, out);
    }

    /** The name under which a message goes: the first bytes of an array that may have more. */
    private static final class Topic {
        private final TopicName name;
        private final byte[] utf8;
        private final int bytes;

        Topic(TopicName name, byte[] utf8, int bytes) {
            this.name = name;
            this.utf8 = utf8;
            this.bytes = bytes;
        }
    }

    private static int first(Qos qos, boolean retain) {
        return 0x30 | (qos.level() << 1) | (retain ? 1 : 0);
    }

    private boolean write(
            Topic topic,
            Message message,
            int first,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds,
            long packetBytesMax,
            ByteBuf out) {
        OutgoingAliases known = aliases;
        if (known == null || (first & DUP) != 0) {
            // What is sent again carries its topic: an alias may mean something else by now.
            return write(topic, message, first, packetId, subscriptionIds, expirySeconds, 0, packetBytesMax, out);
        }
        int choice = known.choose(topic.name, topic.bytes);
        boolean written =
                write(topic, message, first, packetId, subscriptionIds, expirySeconds, choice, packetBytesMax, out);
        if (!written && choice < 0) {
            known.forgo(topic.name, -choice);
            return write(topic, message, first, packetId, subscriptionIds, expirySeconds, 0, packetBytesMax, out);
        }
        if (choice < 0) {
            known.set(topic.name, -choice);
        }
        return written;
    }

    /** @param alias an alias in the place of the topic, one to set if negative, or 0 for none */
    private boolean write(
            Topic topic,
            Message message,
            int first,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds,
            int alias,
            long packetBytesMax,
            ByteBuf out) {
        boolean five = version == ProtocolVersion.MQTT_5;
        boolean identified = (first & QOS) != 0;
        int ownProperties = five ? ownPropertiesBytes(subscriptionIds, expirySeconds, alias) : 0;
        int properties = ownProperties + message.propertiesBytes();
        int topicBytes = alias > 0 ? 0 : topic.bytes;
        long body = 2L
                + topicBytes
                + (identified ? 2 : 0)
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
        boolean inPlace = out.hasArray() && packetBytes <= out.writableBytes();
        byte[] head = inPlace ? out.array() : head(HEAD_BYTES_MAX + topicBytes + ownProperties);
        int from = inPlace ? out.arrayOffset() + out.writerIndex() : 0;
        head[from] = (byte) first;
        int at = VariableByteInteger.write(remaining, head, from + 1);
        at = writeShort(topicBytes, head, at);
        System.arraycopy(topic.utf8, 0, head, at, topicBytes);
        at += topicBytes;
        if (identified) {
            at = writeShort(packetId, head, at);
        }
        if (five) {
            at = VariableByteInteger.write(properties, head, at);
            at = writeOwnProperties(subscriptionIds, expirySeconds, alias, head, at);
        }
        byte[] bytes = message.bytes();
        int restAt = five ? message.topicBytes() : message.payloadOffset();
        int rest = bytes.length - restAt;
        if (inPlace) {
            System.arraycopy(bytes, restAt, head, at, rest);
            out.writerIndex(out.writerIndex() + packetBytes);
        } else {
            out.ensureWritable(packetBytes);
            out.writeBytes(head, 0, at);
            out.writeBytes(bytes, restAt, rest);
        }
        return true;
    }

    /** An array of at least so many bytes. */
    private byte[] head(int bytes) {
        if (bytes > HEAD_BYTES_KEPT) {
            return new byte[bytes];
        }
        if (kept.length == 0) {
            kept = new byte[HEAD_BYTES_KEPT];
        }
        return kept;
    }

    private static int writeShort(int value, byte[] out, int at) {
        out[at] = (byte) (value >>> 8);
        out[at + 1] = (byte) value;
        return at + 2;
    }

    private static int ownPropertiesBytes(List<Integer> subscriptionIds, long expirySeconds, int alias) {
        int bytes = (expirySeconds == Message.NEVER ? 0 : 5) + (alias == 0 ? 0 : 3);
        for (int i = 0; i < subscriptionIds.size(); i++) {
            bytes += 1 + VariableByteInteger.bytes(subscriptionIds.get(i));
        }
        return bytes;
    }

    private static int writeOwnProperties(
            List<Integer> subscriptionIds, long expirySeconds, int alias, byte[] out, int from) {
        int at = from;
        if (alias != 0) {
            out[at++] = (byte) Property.TOPIC_ALIAS.id();
            at = writeShort(Math.abs(alias), out, at);
        }
        if (expirySeconds != Message.NEVER) {
            out[at++] = (byte) Property.MESSAGE_EXPIRY_INTERVAL.id();
            at = writeShort((int) (expirySeconds >>> 16), out, at);
            at = writeShort((int) expirySeconds, out, at);
        }
        for (int i = 0; i < subscriptionIds.size(); i++) {
            out[at++] = (byte) Property.SUBSCRIPTION_IDENTIFIER.id();
            at = VariableByteInteger.write(subscriptionIds.get(i), out, at);
        }
        return at;
    }
}
