// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static io.sluice.gateway.codec.Sender.CLIENT;
import static io.sluice.gateway.codec.Sender.SERVER;

import org.jspecify.annotations.Nullable;

/**
 * Where properties and reason codes stand: the fifteen control packets with their fixed headers (MQTT 5.0 sections 2.1.2 and
 * 2.1.3), and the will, which has properties of its own.
 */
enum Place {
    CONNECT(1, 0, "MQTT-2.1.3-1", CLIENT),
    CONNACK(2, 0, "MQTT-2.1.3-1", SERVER),
    PUBLISH(3, -1, "MQTT-2.1.3-1", null),
    PUBACK(4, 0, "MQTT-2.1.3-1", null),
    PUBREC(5, 0, "MQTT-2.1.3-1", null),
    PUBREL(6, 2, "MQTT-3.6.1-1", null),
    PUBCOMP(7, 0, "MQTT-2.1.3-1", null),
    SUBSCRIBE(8, 2, "MQTT-3.8.1-1", CLIENT),
    SUBACK(9, 0, "MQTT-2.1.3-1", SERVER),
    UNSUBSCRIBE(10, 2, "MQTT-3.10.1-1", CLIENT),
    UNSUBACK(11, 0, "MQTT-2.1.3-1", SERVER),
    PINGREQ(12, 0, "MQTT-2.1.3-1", CLIENT),
    PINGRESP(13, 0, "MQTT-2.1.3-1", SERVER),
    DISCONNECT(14, 0, "MQTT-3.14.1-1", null),
    AUTH(15, 0, "MQTT-3.15.1-1", null),
    WILL(0, 0, "MQTT-3.1.4-1", CLIENT);

    private static final @Nullable Place[] BY_TYPE = new @Nullable Place[16];

    static {
        for (Place place : values()) {
            if (place.type > 0) {
                BY_TYPE[place.type] = place;
            }
        }
    }

    private final int type;
    private final int flags;
    private final String flagsStatement;
    private final @Nullable Sender onlyFrom;

    Place(int type, int flags, String flagsStatement, @Nullable Sender onlyFrom) {
        this.type = type;
        this.flags = flags;
        this.flagsStatement = flagsStatement;
        this.onlyFrom = onlyFrom;
    }

    /** The packet with the given type, 0 to 15; null for 0, which is forbidden. */
    static @Nullable Place ofType(int type) {
        return BY_TYPE[type];
    }

    /** The first byte of the packet; PUBLISH without its flags. */
    int firstByte() {
        return (type << 4) | Math.max(flags, 0);
    }

    /** Whether the lower four bits of the first byte are as the specification lists them. */
    boolean allowsFlags(int given) {
        return flags < 0 || flags == given;
    }

    /** The statement that fixes the flags. */
    String flagsStatement() {
        return flagsStatement;
    }

    boolean mayComeFrom(Sender sender) {
        return onlyFrom == null || onlyFrom == sender;
    }
}
