// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.KnownTopic;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.RecentTopics;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Reads PUBLISH (MQTT 5.0 section 3.3) and copies the message's bytes, once. One per connection. */
final class PublishReader {

    private static final int DUP = 0b1000;
    private static final int RETAIN = 0b0001;

    /** Topics that are remembered: at most some 16 KiB a connection. */
    static final int TOPICS = 32;

    private final Sender sender;
    private final LongSupplier clock;
    private final MessagePropertyReader properties = new MessagePropertyReader();
    private final RecentTopics topics;
    private final IncomingAliases aliases;

    PublishReader(Sender sender, LongSupplier clock, Room room) {
        this.sender = sender;
        this.clock = clock;
        this.topics = new RecentTopics(TOPICS, room::take);
        this.aliases = new IncomingAliases(sender, room);
    }

    IncomingAliases aliases() {
        return aliases;
    }

    void checkPayloadFormat(boolean check) {
        properties.checkPayloadFormat(check);
    }

    Packet.Publish read(PacketInput in, int flags, ProtocolVersion version) throws ProtocolException {
        int level = flags >> 1 & 0b11;
        if (level == 3) {
            throw Refusal.malformed("MQTT-3.3.1-4", "QoS must be 0, 1 or 2, found 3");
        }
        boolean dup = (flags & DUP) != 0;
        if (dup && level == 0) {
            throw Refusal.protocolError("MQTT-3.3.1-2", "DUP must be 0 with QoS 0");
        }
        int topicBytes = in.unsignedShort();
        int topicAt = in.skip(topicBytes);
        int packetId = level == 0 ? 0 : in.packetId("MQTT-2.2.1-3");
        if (version == ProtocolVersion.MQTT_5) {
            properties.read(in, Place.PUBLISH);
            if (sender == Sender.CLIENT && !properties.subscriptionIds().isEmpty()) {
                throw Refusal.protocolError(
                        "MQTT-3.3.4-6", "a client's PUBLISH must not carry a subscription identifier");
            }
        } else {
            properties.none();
        }
        boolean retain = (flags & RETAIN) != 0;
        Message message = topicBytes == 0 && version == ProtocolVersion.MQTT_5
                ? aliased(in, Qos.of(level), retain)
                : named(in, Qos.of(level), retain, topicAt, topicBytes);
        List<Integer> subscriptionIds = properties.subscriptionIds();
        return new Packet.Publish(message, packetId, dup, subscriptionIds);
    }

    private Message named(PacketInput in, Qos qos, boolean retain, int topicAt, int topicBytes)
            throws ProtocolException {
        byte[] bytes = new byte[topicBytes + properties.keptBytes() + in.remaining()];
        in.copy(topicAt, bytes, 0, topicBytes);
        TopicName name = topics.name(bytes, topicBytes, TopicNames::decode);
        if (properties.topicAlias() != 0) {
            aliases.set(properties.topicAlias(), new KnownTopic(name, Arrays.copyOf(bytes, topicBytes)));
        }
        return finish(in, name, qos, retain, bytes, topicBytes);
    }

    private Message aliased(PacketInput in, Qos qos, boolean retain) throws ProtocolException {
        if (properties.topicAlias() == 0) {
            throw Refusal.protocolError("MQTT-4.7.3-1", "topic name must not be empty without a topic alias");
        }
        KnownTopic topic = aliases.topic(properties.topicAlias());
        int topicBytes = topic.utf8().length;
        byte[] bytes = Arrays.copyOf(topic.utf8(), topicBytes + properties.keptBytes() + in.remaining());
        return finish(in, topic.name(), qos, retain, bytes, topicBytes);
    }

    private Message finish(PacketInput in, TopicName name, Qos qos, boolean retain, byte[] bytes, int topicBytes)
            throws ProtocolException {
        int kept = properties.keptBytes();
        properties.copy(in, bytes, topicBytes);
        int payloadBytes = in.remaining();
        in.copy(in.skip(payloadBytes), bytes, topicBytes + kept, payloadBytes);
        properties.checkPayload(bytes, topicBytes + kept);
        return Message.encoded(
                name, qos, retain, properties.expirySeconds(), clock.getAsLong(), bytes, topicBytes, kept);
    }
}
