// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.List;
import java.util.OptionalInt;

/**
 * Puts packets into the bytes of one connection, MQTT 5.0 or 3.1.1. What 3.1.1 does not have is left out.
 *
 * <p>One per connection, on one thread at a time. Nothing longer than the receiver's maximum packet size is ever written; what only
 * explains (reason string and user properties) is left out first.
 */
public final class PacketWriter {

    private final ProtocolVersion version;
    private final PublishWriter publish;
    /** Stays empty. */
    private final PacketOutput nothing = new PacketOutput();

    private long packetBytesMax = Long.MAX_VALUE;
    private boolean problemInformation = true;

    public PacketWriter(ProtocolVersion version) {
        this.version = version;
        this.publish = new PublishWriter(version);
    }

    /** The longest packet the receiver takes, in bytes, fixed header included; from the start there is no limit. */
    public void maximumPacketSize(long bytes) {
        packetBytesMax = bytes;
    }

    /** How many topic aliases may be used in PUBLISH, 0 (from the start) to 65,535: at most what the receiver has announced. */
    public void topicAliasMaximum(int aliases) {
        topicAliasMaximum(aliases, Room.ENOUGH);
    }

    /** @param room for the topics behind them */
    public void topicAliasMaximum(int aliases, Room room) {
        publish.topicAliasMaximum(aliases, room);
    }

    /** Whether packets other than CONNACK, PUBLISH and DISCONNECT may explain their reason; from the start they may. */
    public void problemInformation(boolean allowed) {
        problemInformation = allowed;
    }

    /**
     * Writes the packet at the buffer's writer index.
     *
     * @return false, and nothing is written, if even without explanation it exceeds the receiver's maximum packet size; also for a
     *     CONNACK with a reason for which 3.1.1 has no return code, where the connection is closed without one, and for AUTH in 3.1.1
     */
    public boolean write(Packet packet, ByteBuf out) {
        return switch (packet) {
            case Packet.Connect connect -> frame(Place.CONNECT, ConnectWriter.connect(connect), out);
            case Packet.Connack connack -> connack(connack, out);
            case Packet.Publish it -> {
                Message message = it.message();
                yield publish(
                        message,
                        message.qos(),
                        it.dup(),
                        message.retain(),
                        it.packetId(),
                        it.subscriptionIds(),
                        message.expirySeconds(),
                        out);
            }
            case Packet.Puback it -> acknowledgement(Place.PUBACK, it.packetId(), it.reason(), it.explanation(), out);
            case Packet.Pubrec it -> acknowledgement(Place.PUBREC, it.packetId(), it.reason(), it.explanation(), out);
            case Packet.Pubrel it -> acknowledgement(Place.PUBREL, it.packetId(), it.reason(), it.explanation(), out);
            case Packet.Pubcomp it -> acknowledgement(Place.PUBCOMP, it.packetId(), it.reason(), it.explanation(), out);
            case Packet.Subscribe subscribe -> subscribe(subscribe, out);
            case Packet.Suback it -> answers(Place.SUBACK, it.packetId(), it.reasons(), it.explanation(), out);
            case Packet.Unsubscribe unsubscribe -> unsubscribe(unsubscribe, out);
            case Packet.Unsuback it -> answers(Place.UNSUBACK, it.packetId(), it.reasons(), it.explanation(), out);
            case Packet.Pingreq _ -> frame(Place.PINGREQ, nothing, out);
            case Packet.Pingresp _ -> frame(Place.PINGRESP, nothing, out);
            case Packet.Disconnect disconnect -> disconnect(disconnect, out);
            case Packet.Auth auth -> auth(auth, out);
        };
    }

    /**
     * Writes a PUBLISH straight from the message's bytes, without allocation.
     *
     * @param packetId 1 to 65,535; not looked at with QoS 0
     * @param subscriptionIds each 1 to 268,435,455
     * @param expirySeconds what is left of the message expiry interval, or {@link Message#NEVER} [MQTT-3.3.2-6]
     * @return false, and nothing is written, if the packet would exceed the receiver's maximum packet size
     */
    public boolean publish(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expirySeconds,
            ByteBuf out) {
        return publish.write(message, qos, dup, retain, packetId, subscriptionIds, expirySeconds, packetBytesMax, out);
    }

    /** Writes a PUBLISH as {@link #publish} does, under another name than the message's own. */
    public boolean publishAs(
            TopicName topic, Message message, Qos qos, boolean retain, int packetId, long expirySeconds, ByteBuf out) {
        return publish.writeAs(topic, message, qos, retain, packetId, expirySeconds, packetBytesMax, out);
    }

    /** Writes a PUBACK with SUCCESS; returns as {@link #write} does. */
    public boolean puback(int packetId, ByteBuf out) {
        return success(Place.PUBACK, packetId, out);
    }

    /** Writes a PUBREC with SUCCESS; returns as {@link #write} does. */
    public boolean pubrec(int packetId, ByteBuf out) {
        return success(Place.PUBREC, packetId, out);
    }

    /** Writes a PUBREL with SUCCESS; returns as {@link #write} does. */
    public boolean pubrel(int packetId, ByteBuf out) {
        return success(Place.PUBREL, packetId, out);
    }

    /** Writes a PUBCOMP with SUCCESS; returns as {@link #write} does. */
    public boolean pubcomp(int packetId, ByteBuf out) {
        return success(Place.PUBCOMP, packetId, out);
    }

    private boolean success(Place place, int packetId, ByteBuf out) {
        if (packetBytesMax < 4) {
            return false;
        }
        out.writeInt((place.firstByte() << 24) | 0x2_0000 | packetId);
        return true;
    }

    private boolean connack(Packet.Connack packet, ByteBuf out) {
        PacketOutput head = new PacketOutput().oneByte(packet.sessionPresent() ? 1 : 0);
        if (!isFive()) {
            OptionalInt code = ConnackReturnCode.of(packet.reason());
            return code.isPresent() && frame(Place.CONNACK, head.oneByte(code.getAsInt()), out);
        }
        head.oneByte(packet.reason().code());
        PropertyWriter properties = ConnectWriter.connackProperties(packet.properties());
        Explanation explanation = packet.properties().explanation();
        return frame(Place.CONNACK, head, explain(properties, Place.CONNACK, 2, explanation), nothing, out);
    }

    private boolean acknowledgement(
            Place place, int packetId, ReasonCode reason, Explanation explanation, ByteBuf out) {
        if (reason == ReasonCode.SUCCESS && explanation.equals(Explanation.NONE)) {
            return success(place, packetId, out);
        }
        PacketOutput head = new PacketOutput().twoBytes(packetId);
        return reason(place, head, reason, new PropertyWriter(place), explanation, out);
    }

    private boolean disconnect(Packet.Disconnect packet, ByteBuf out) {
        PropertyWriter properties = new PropertyWriter(Place.DISCONNECT)
                .number(Property.SESSION_EXPIRY_INTERVAL, packet.sessionExpirySeconds())
                .text(Property.SERVER_REFERENCE, packet.serverReference());
        return reason(Place.DISCONNECT, new PacketOutput(), packet.reason(), properties, packet.explanation(), out);
    }

    private boolean auth(Packet.Auth packet, ByteBuf out) {
        if (!isFive()) {
            return false;
        }
        PropertyWriter properties = new PropertyWriter(Place.AUTH)
                .text(Property.AUTHENTICATION_METHOD, packet.authenticationMethod())
                .binary(Property.AUTHENTICATION_DATA, packet.authenticationData());
        return reason(Place.AUTH, new PacketOutput(), packet.reason(), properties, packet.explanation(), out);
    }

    /** A reason and properties, both left out where there is nothing to say (sections 3.4.2.1, 3.14.2.1 and their like). */
    private boolean reason(
            Place place,
            PacketOutput head,
            ReasonCode reason,
            PropertyWriter properties,
            Explanation explanation,
            ByteBuf out) {
        if (!isFive()) {
            return frame(place, head, out);
        }
        PacketOutput explained = explain(properties, place, head.length() + 1, explanation);
        if (explained.length() > 0) {
            return frame(place, head.oneByte(reason.code()), explained, nothing, out);
        }
        return frame(place, reason == ReasonCode.SUCCESS ? head : head.oneByte(reason.code()), out);
    }

    private boolean subscribe(Packet.Subscribe packet, ByteBuf out) {
        PropertyWriter properties = new PropertyWriter(Place.SUBSCRIBE);
        packet.subscriptionId().ifPresent(id -> properties.number(Property.SUBSCRIPTION_IDENTIFIER, id));
        properties.userProperties(packet.userProperties());
        PacketOutput tail = new PacketOutput();
        for (Subscription subscription : packet.subscriptions()) {
            int options = subscription.maximumQos().level()
                    | (subscription.noLocal() ? 0x04 : 0)
                    | (subscription.retainAsPublished() ? 0x08 : 0)
                    | (subscription.retainHandling().ordinal() << 4);
            tail.text(subscription.filter().toString()).oneByte(isFive() ? options : options & 0b11);
        }
        return identified(Place.SUBSCRIBE, packet.packetId(), properties.bytes(), tail, out);
    }

    private boolean unsubscribe(Packet.Unsubscribe packet, ByteBuf out) {
        PropertyWriter properties = new PropertyWriter(Place.UNSUBSCRIBE).userProperties(packet.userProperties());
        PacketOutput tail = new PacketOutput();
        for (TopicFilter filter : packet.filters()) {
            tail.text(filter.toString());
        }
        return identified(Place.UNSUBSCRIBE, packet.packetId(), properties.bytes(), tail, out);
    }

    private boolean answers(Place place, int packetId, List<ReasonCode> reasons, Explanation explanation, ByteBuf out) {
        PacketOutput tail = new PacketOutput();
        if (isFive() || place == Place.SUBACK) {
            for (ReasonCode reason : reasons) {
                tail.oneByte(isFive() || !reason.isError() ? reason.code() : ReasonCode.UNSPECIFIED_ERROR.code());
            }
        }
        PacketOutput explained = explain(new PropertyWriter(place), place, 2 + tail.length(), explanation);
        return identified(place, packetId, explained, tail, out);
    }

    private boolean identified(Place place, int packetId, PacketOutput properties, PacketOutput tail, ByteBuf out) {
        PacketOutput head = new PacketOutput().twoBytes(packetId);
        if (isFive()) {
            return frame(place, head, properties, tail, out);
        }
        tail.appendTo(head);
        return frame(place, head, out);
    }

    /**
     * Adds the reason string and then the user properties, each only if the packet stays within the receiver's maximum size
     * [MQTT-3.2.2-19] [MQTT-3.2.2-20] and their like for the other packets, and only if the client wants to know [MQTT-3.1.2-29].
     *
     * @param besideBytes how long the packet is without fixed header and properties
     */
    private PacketOutput explain(PropertyWriter properties, Place place, int besideBytes, Explanation explanation) {
        boolean wanted = problemInformation || place == Place.CONNACK || place == Place.DISCONNECT;
        if (wanted && !explanation.equals(Explanation.NONE)) {
            PacketOutput reason = new PropertyWriter(place)
                    .text(Property.REASON_STRING, explanation.reasonString())
                    .bytes();
            PacketOutput user = new PropertyWriter(place)
                    .userProperties(explanation.userProperties())
                    .bytes();
            addIfItFits(reason, properties.bytes(), besideBytes);
            addIfItFits(user, properties.bytes(), besideBytes);
        }
        return properties.bytes();
    }

    private void addIfItFits(PacketOutput more, PacketOutput properties, int besideBytes) {
        int length = properties.length() + more.length();
        if (packetBytes(besideBytes + VariableByteInteger.bytes(length) + length) <= packetBytesMax) {
            more.appendTo(properties);
        }
    }

    private boolean frame(Place place, PacketOutput head, PacketOutput properties, PacketOutput tail, ByteBuf out) {
        head.variableByteInteger(properties.length());
        properties.appendTo(head);
        tail.appendTo(head);
        return frame(place, head, out);
    }

    private boolean frame(Place place, PacketOutput body, ByteBuf out) {
        if (body.length() > VariableByteInteger.MAX || packetBytes(body.length()) > packetBytesMax) {
            return false; // [MQTT-3.1.2-24]
        }
        out.writeByte(place.firstByte());
        VariableByteInteger.write(body.length(), out);
        body.writeTo(out);
        return true;
    }

    private static long packetBytes(int remaining) {
        return 1L + VariableByteInteger.bytes(Math.min(remaining, VariableByteInteger.MAX)) + remaining;
    }

    private boolean isFive() {
        return version == ProtocolVersion.MQTT_5;
    }
}
