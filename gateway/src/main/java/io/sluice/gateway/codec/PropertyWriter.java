// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Gathers the properties of one packet, each in the type that the table gives it. */
final class PropertyWriter {

    private final Place place;
    private final PacketOutput out = new PacketOutput();

    PropertyWriter(Place place) {
        this.place = place;
    }

    PacketOutput bytes() {
        return out;
    }

    PropertyWriter number(Property property, long value) {
        begin(property);
        switch (property.type()) {
            case BYTE -> out.oneByte((int) value);
            case TWO_BYTE_INTEGER -> out.twoBytes((int) value);
            case FOUR_BYTE_INTEGER -> out.fourBytes(value);
            case VARIABLE_BYTE_INTEGER -> out.variableByteInteger((int) value);
            default -> throw new IllegalStateException(property + " is not a number");
        }
        return this;
    }

    /** The number, unless it says no more than its absence. */
    PropertyWriter number(Property property, long value, long absent) {
        return value == absent ? this : number(property, value);
    }

    PropertyWriter number(Property property, OptionalLong value) {
        return value.isPresent() ? number(property, value.getAsLong()) : this;
    }

    PropertyWriter flag(Property property, boolean value, boolean absent) {
        return number(property, value ? 1 : 0, absent ? 1 : 0);
    }

    PropertyWriter text(Property property, Optional<String> value) {
        if (value.isPresent()) {
            begin(property);
            out.text(value.get());
        }
        return this;
    }

    PropertyWriter binary(Property property, Optional<Payload> value) {
        if (value.isPresent()) {
            begin(property);
            out.binary(value.get());
        }
        return this;
    }

    PropertyWriter userProperties(List<UserProperty> properties) {
        for (UserProperty property : properties) {
            begin(Property.USER_PROPERTY);
            out.text(property.name()).text(property.value());
        }
        return this;
    }

    private void begin(Property property) {
        if (!property.mayStandIn(place)) {
            throw new IllegalStateException(property + " must not stand in " + place);
        }
        out.variableByteInteger(property.id());
    }
}
