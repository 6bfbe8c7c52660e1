// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads CONNECT (section 3.1 of both MQTT 5.0 and 3.1.1). */
final class ConnectReader {

    private static final int USER_NAME = 0x80;
    private static final int PASSWORD = 0x40;
    private static final int WILL_RETAIN = 0x20;
    private static final int WILL = 0x04;
    private static final int CLEAN_START = 0x02;
    private static final int RESERVED = 0x01;

    private final LongSupplier clock;
    private @Nullable ProtocolVersion version;
    private boolean checkPayloadFormat = true;

    ConnectReader(LongSupplier clock) {
        this.clock = clock;
    }

    void checkPayloadFormat(boolean check) {
        checkPayloadFormat = check;
    }

    /**
     * The version in which the client can be answered, known as soon as its level was read, even if what follows is refused; of an
     * older protocol, 3.1.1, and of a newer one, 5.
     */
    @Nullable
    ProtocolVersion version() {
        return version;
    }

    Packet.Connect read(PacketInput in) throws ProtocolException {
        ProtocolVersion spoken = readVersion(in);
        version = spoken;
        int flags = in.unsignedByte();
        checkFlags(flags, spoken);
        int keepAliveSeconds = in.unsignedShort();
        boolean cleanStart = (flags & CLEAN_START) != 0;
        Packet.ConnectProperties properties = spoken == ProtocolVersion.MQTT_5
                ? readProperties(in)
                : Packet.ConnectProperties.withExpiry(cleanStart ? 0 : Packet.ConnectProperties.NEVER_EXPIRES);
        present(in, "MQTT-3.1.3-3", "client identifier");
        String clientId = in.text(); // [MQTT-3.1.3-4]
        Optional<Will> will = (flags & WILL) != 0 ? Optional.of(readWill(in, flags, spoken)) : Optional.empty();
        Optional<String> userName = Optional.empty();
        if ((flags & USER_NAME) != 0) {
            present(in, "MQTT-3.1.2-17", "user name");
            userName = Optional.of(in.text()); // [MQTT-3.1.3-12]
        }
        Optional<Payload> password = Optional.empty();
        if ((flags & PASSWORD) != 0) {
            present(in, "MQTT-3.1.2-19", "password");
            password = Optional.of(in.payload());
        }
        checkEnd(in, flags);
        return new Packet.Connect(spoken, clientId, cleanStart, keepAliveSeconds, properties, will, userName, password);
    }

    private ProtocolVersion readVersion(PacketInput in) throws ProtocolException {
        String name = new String(in.binary(), StandardCharsets.UTF_8);
        boolean known = name.equals("MQTT");
        if (!known && !name.equals("MQIsdp")) {
            String shown = name.length() > 20 ? name.substring(0, 20) + "..." : name;
            throw unsupported("MQTT-3.1.2-1", "protocol " + shown);
        }
        int level = in.unsignedByte();
        if (known && level == ProtocolVersion.MQTT_5.level()) {
            return ProtocolVersion.MQTT_5;
        }
        if (known && level == ProtocolVersion.MQTT_3_1_1.level()) {
            return ProtocolVersion.MQTT_3_1_1;
        }
        version = known && level > ProtocolVersion.MQTT_5.level() ? ProtocolVersion.MQTT_5 : ProtocolVersion.MQTT_3_1_1;
        throw unsupported("MQTT-3.1.2-2", "protocol %s level %d".formatted(name, level));
    }

    private static ProtocolException unsupported(String statement, String found) {
        return new ProtocolException(
                ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                statement,
                "expected protocol MQTT level 5 (5.0) or 4 (3.1.1), found " + found);
    }

    private static void checkFlags(int flags, ProtocolVersion version) throws ProtocolException {
        if ((flags & RESERVED) != 0) {
            throw Refusal.malformed("MQTT-3.1.2-3", "CONNECT: the reserved flag must be 0");
        }
        if (willQos(flags) == 3) {
            throw Refusal.malformed("MQTT-3.1.2-12", "CONNECT: the will's QoS must be 0, 1 or 2, found 3");
        }
        if ((flags & WILL) == 0 && willQos(flags) != 0) {
            throw Refusal.protocolError("MQTT-3.1.2-11", "CONNECT: the will's QoS must be 0 without a will");
        }
        if ((flags & WILL) == 0 && (flags & WILL_RETAIN) != 0) {
            throw Refusal.protocolError("MQTT-3.1.2-13", "CONNECT: will retain must be 0 without a will");
        }
        if (version == ProtocolVersion.MQTT_3_1_1 && (flags & PASSWORD) != 0 && (flags & USER_NAME) == 0) {
            // MQTT 3.1.1 section 3.1.2.9; MQTT 5.0 allows it.
            throw Refusal.protocolError("MQTT-3.1.4-1", "CONNECT: 3.1.1 has no password without a user name");
        }
    }

    private static int willQos(int flags) {
        return flags >> 3 & 0b11;
    }

    private static Packet.ConnectProperties readProperties(PacketInput in) throws ProtocolException {
        PropertySet set = PropertySet.read(in, Place.CONNECT);
        Optional<String> method = set.text(Property.AUTHENTICATION_METHOD);
        Optional<Payload> data = set.binary(Property.AUTHENTICATION_DATA);
        if (data.isPresent() && method.isEmpty()) {
            throw Refusal.protocolError(
                    Refusal.UNNUMBERED, "CONNECT: authentication data without an authentication method");
        }
        return new Packet.ConnectProperties(
                set.number(Property.SESSION_EXPIRY_INTERVAL, 0),
                (int) set.number(Property.RECEIVE_MAXIMUM, Packet.ConnectProperties.RECEIVE_MAXIMUM_DEFAULT),
                set.number(Property.MAXIMUM_PACKET_SIZE),
                (int) set.number(Property.TOPIC_ALIAS_MAXIMUM, 0),
                set.flag(Property.REQUEST_RESPONSE_INFORMATION, false),
                set.flag(Property.REQUEST_PROBLEM_INFORMATION, true),
                method,
                data,
                set.userProperties());
    }

    private Will readWill(PacketInput in, int flags, ProtocolVersion version) throws ProtocolException {
        MessagePropertyReader properties = new MessagePropertyReader();
        properties.checkPayloadFormat(checkPayloadFormat);
        present(in, "MQTT-3.1.2-9", "will");
        if (version == ProtocolVersion.MQTT_5) {
            properties.read(in, Place.WILL);
        }
        present(in, "MQTT-3.1.2-9", "will topic");
        byte[] topic = in.binary();
        TopicName name = TopicNames.decode(topic, topic.length); // [MQTT-3.1.3-11]
        present(in, "MQTT-3.1.2-9", "will payload");
        byte[] payload = in.binary();
        int payloadAt = topic.length + properties.keptBytes();
        byte[] bytes = Arrays.copyOf(topic, payloadAt + payload.length);
        properties.copy(in, bytes, topic.length);
        System.arraycopy(payload, 0, bytes, payloadAt, payload.length);
        properties.checkPayload(bytes, payloadAt);
        Message message = Message.encoded(
                name,
                Qos.of(willQos(flags)),
                (flags & WILL_RETAIN) != 0,
                properties.expirySeconds(),
                clock.getAsLong(),
                bytes,
                topic.length,
                properties.keptBytes());
        return new Will(message, properties.willDelaySeconds());
    }

    private static void present(PacketInput in, String statement, String field) throws ProtocolException {
        if (!in.hasMore()) {
            throw Refusal.malformed(statement, "CONNECT ends where its " + field + " must stand");
        }
    }

    private static void checkEnd(PacketInput in, int flags) throws ProtocolException {
        if (!in.hasMore()) {
            return;
        }
        String statement =
                (flags & USER_NAME) == 0 ? "MQTT-3.1.2-16" : (flags & PASSWORD) == 0 ? "MQTT-3.1.2-18" : "MQTT-3.1.3-1";
        throw Refusal.malformed(
                statement, "CONNECT: %d bytes follow that its flags do not announce".formatted(in.remaining()));
    }
}
