// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import org.jspecify.annotations.Nullable;

/** Looks {@link Property} up and holds what was read against its row. */
final class PropertyTable {

    private static final @Nullable Property[] BY_ID = new @Nullable Property[0x2B];

    static {
        for (Property property : Property.values()) {
            BY_ID[property.id()] = property;
        }
    }

    private PropertyTable() {}

    /**
     * The property with this identifier, if it may stand in this place and, unless it may repeat, has not been there.
     *
     * @param seen one bit for each identifier that has been there
     * @throws ProtocolException malformed for one that is foreign to the packet, protocol error for one given twice
     */
    static Property admit(int id, Place place, long seen) throws ProtocolException {
        Property property = id < BY_ID.length ? BY_ID[id] : null;
        if (property == null || !property.mayStandIn(place)) {
            throw Refusal.malformed(
                    Refusal.UNNUMBERED,
                    "%s: property 0x%02X must not stand here".formatted(place, id)); // section 2.2.2.2
        }
        if ((seen & 1L << id) != 0 && !property.mayRepeatIn(place)) {
            throw Refusal.protocolError(Refusal.UNNUMBERED, place + ": " + property + " is given more than once");
        }
        return property;
    }

    /** @throws ProtocolException if the value of a number is outside the row's range */
    static void checkRange(Property property, long value) throws ProtocolException {
        if (value >= property.lowest() && value <= property.highest()) {
            return;
        }
        String text = "%s must be %d to %d, found %d".formatted(property, property.lowest(), property.highest(), value);
        throw switch (property) {
            case TOPIC_ALIAS -> new ProtocolException(ReasonCode.TOPIC_ALIAS_INVALID, "MQTT-3.3.2-8", text);
            default -> Refusal.protocolError(Refusal.UNNUMBERED, text);
        };
    }
}
