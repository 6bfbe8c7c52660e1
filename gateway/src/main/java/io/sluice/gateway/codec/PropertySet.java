// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The properties of one packet other than PUBLISH, read and held against the table. */
final class PropertySet {

    static final PropertySet NONE = new PropertySet();

    private final Map<Property, Long> numbers = new EnumMap<>(Property.class);
    private final Map<Property, String> texts = new EnumMap<>(Property.class);
    private final Map<Property, Payload> binaries = new EnumMap<>(Property.class);
    /** In one packet, each of which is an object in memory; those of a PUBLISH stay bytes. */
    private static final int USER_PROPERTIES_MAX = 1_024;

    private final List<UserProperty> userProperties = new ArrayList<>();

    private PropertySet() {}

    /** Reads the length of the properties and then the properties. */
    static PropertySet read(PacketInput in, Place place) throws ProtocolException {
        int length = in.variableByteInteger();
        if (length == 0) {
            return NONE;
        }
        int outer = in.narrow(length);
        PropertySet set = new PropertySet();
        long seen = 0;
        while (in.hasMore()) {
            Property property = PropertyTable.admit(in.variableByteInteger(), place, seen);
            seen |= 1L << property.id();
            set.add(property, in);
        }
        in.widen(outer);
        return set;
    }

    private void add(Property property, PacketInput in) throws ProtocolException {
        switch (property.type()) {
            case BYTE -> putNumber(property, in.unsignedByte());
            case TWO_BYTE_INTEGER -> putNumber(property, in.unsignedShort());
            case FOUR_BYTE_INTEGER -> putNumber(property, in.unsignedInt());
            case VARIABLE_BYTE_INTEGER -> putNumber(property, in.variableByteInteger());
            case UTF8_STRING -> texts.put(property, in.text());
            case UTF8_STRING_PAIR -> addUserProperty(new UserProperty(in.text(), in.text())); // [MQTT-1.5.7-1]
            case BINARY_DATA -> binaries.put(property, in.payload());
        }
    }

    private void addUserProperty(UserProperty property) throws ProtocolException {
        if (userProperties.size() == USER_PROPERTIES_MAX) {
            throw new ProtocolException(
                    ReasonCode.QUOTA_EXCEEDED,
                    Refusal.UNNUMBERED,
                    "more than %d user properties in a packet other than PUBLISH".formatted(USER_PROPERTIES_MAX));
        }
        userProperties.add(property);
    }

    private void putNumber(Property property, long value) throws ProtocolException {
        PropertyTable.checkRange(property, value);
        numbers.put(property, value);
    }

    long number(Property property, int absent) {
        return numbers.getOrDefault(property, (long) absent);
    }

    boolean flag(Property property, boolean absent) {
        return number(property, absent ? 1 : 0) == 1;
    }

    OptionalLong number(Property property) {
        Long value = numbers.get(property);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    OptionalInt smallNumber(Property property) {
        Long value = numbers.get(property);
        return value == null ? OptionalInt.empty() : OptionalInt.of(value.intValue());
    }

    Optional<String> text(Property property) {
        return Optional.ofNullable(texts.get(property));
    }

    Optional<Payload> binary(Property property) {
        return Optional.ofNullable(binaries.get(property));
    }

    List<UserProperty> userProperties() {
        return userProperties;
    }

    Packet.Explanation explanation() {
        Optional<String> reason = text(Property.REASON_STRING);
        return reason.isEmpty() && userProperties.isEmpty()
                ? Packet.Explanation.NONE
                : new Packet.Explanation(reason, userProperties);
    }
}
