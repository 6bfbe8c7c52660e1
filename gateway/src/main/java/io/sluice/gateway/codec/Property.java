// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static io.sluice.gateway.codec.Property.Type.BINARY_DATA;
import static io.sluice.gateway.codec.Property.Type.BYTE;
import static io.sluice.gateway.codec.Property.Type.FOUR_BYTE_INTEGER;
import static io.sluice.gateway.codec.Property.Type.TWO_BYTE_INTEGER;
import static io.sluice.gateway.codec.Property.Type.UTF8_STRING;
import static io.sluice.gateway.codec.Property.Type.UTF8_STRING_PAIR;
import static io.sluice.gateway.codec.Property.Type.VARIABLE_BYTE_INTEGER;

/**
 * The twenty-seven properties of MQTT 5.0, one a row: identifier, type, lowest and highest value of a number, and the places in
 * which it may stand (section 2.2.2.2 and the ranges from the sections of the packets).
 */
enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, BYTE, 0, 1, Place.PUBLISH, Place.WILL),
    MESSAGE_EXPIRY_INTERVAL(0x02, FOUR_BYTE_INTEGER, 0, 0xFFFF_FFFFL, Place.PUBLISH, Place.WILL),
    CONTENT_TYPE(0x03, UTF8_STRING, 0, 0, Place.PUBLISH, Place.WILL),
    RESPONSE_TOPIC(0x08, UTF8_STRING, 0, 0, Place.PUBLISH, Place.WILL),
    CORRELATION_DATA(0x09, BINARY_DATA, 0, 0, Place.PUBLISH, Place.WILL),
    SUBSCRIPTION_IDENTIFIER(0x0B, VARIABLE_BYTE_INTEGER, 1, 268_435_455, Place.PUBLISH, Place.SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(0x11, FOUR_BYTE_INTEGER, 0, 0xFFFF_FFFFL, Place.CONNECT, Place.CONNACK, Place.DISCONNECT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, UTF8_STRING, 0, 0, Place.CONNACK),
    SERVER_KEEP_ALIVE(0x13, TWO_BYTE_INTEGER, 0, 65_535, Place.CONNACK),
    AUTHENTICATION_METHOD(0x15, UTF8_STRING, 0, 0, Place.CONNECT, Place.CONNACK, Place.AUTH),
    AUTHENTICATION_DATA(0x16, BINARY_DATA, 0, 0, Place.CONNECT, Place.CONNACK, Place.AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, BYTE, 0, 1, Place.CONNECT),
    WILL_DELAY_INTERVAL(0x18, FOUR_BYTE_INTEGER, 0, 0xFFFF_FFFFL, Place.WILL),
    REQUEST_RESPONSE_INFORMATION(0x19, BYTE, 0, 1, Place.CONNECT),
    RESPONSE_INFORMATION(0x1A, UTF8_STRING, 0, 0, Place.CONNACK),
    SERVER_REFERENCE(0x1C, UTF8_STRING, 0, 0, Place.CONNACK, Place.DISCONNECT),
    REASON_STRING(
            0x1F,
            UTF8_STRING,
            0,
            0,
            Place.CONNACK,
            Place.PUBACK,
            Place.PUBREC,
            Place.PUBREL,
            Place.PUBCOMP,
            Place.SUBACK,
            Place.UNSUBACK,
            Place.DISCONNECT,
            Place.AUTH),
    RECEIVE_MAXIMUM(0x21, TWO_BYTE_INTEGER, 1, 65_535, Place.CONNECT, Place.CONNACK),
    TOPIC_ALIAS_MAXIMUM(0x22, TWO_BYTE_INTEGER, 0, 65_535, Place.CONNECT, Place.CONNACK),
    TOPIC_ALIAS(0x23, TWO_BYTE_INTEGER, 1, 65_535, Place.PUBLISH),
    MAXIMUM_QOS(0x24, BYTE, 0, 1, Place.CONNACK),
    RETAIN_AVAILABLE(0x25, BYTE, 0, 1, Place.CONNACK),
    USER_PROPERTY(
            0x26,
            UTF8_STRING_PAIR,
            0,
            0,
            Place.CONNECT,
            Place.WILL,
            Place.CONNACK,
            Place.PUBLISH,
            Place.PUBACK,
            Place.PUBREC,
            Place.PUBREL,
            Place.PUBCOMP,
            Place.SUBSCRIBE,
            Place.SUBACK,
            Place.UNSUBSCRIBE,
            Place.UNSUBACK,
            Place.DISCONNECT,
            Place.AUTH),
    MAXIMUM_PACKET_SIZE(0x27, FOUR_BYTE_INTEGER, 1, 0xFFFF_FFFFL, Place.CONNECT, Place.CONNACK),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, BYTE, 0, 1, Place.CONNACK),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, BYTE, 0, 1, Place.CONNACK),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, BYTE, 0, 1, Place.CONNACK);

    /** The types of section 2.2.2.2. */
    enum Type {
        BYTE,
        TWO_BYTE_INTEGER,
        FOUR_BYTE_INTEGER,
        VARIABLE_BYTE_INTEGER,
        UTF8_STRING,
        UTF8_STRING_PAIR,
        BINARY_DATA
    }

    private final int id;
    private final Type type;
    private final long lowest;
    private final long highest;
    /** One bit for the ordinal of each place. */
    private final int places;

    Property(int id, Type type, long lowest, long highest, Place... places) {
        this.id = id;
        this.type = type;
        this.lowest = lowest;
        this.highest = highest;
        int bits = 0;
        for (Place place : places) {
            bits |= 1 << place.ordinal();
        }
        this.places = bits;
    }

    /** The number on the wire, 1 to 42. */
    int id() {
        return id;
    }

    Type type() {
        return type;
    }

    /** The lowest value of a number. */
    long lowest() {
        return lowest;
    }

    /** The highest value of a number. */
    long highest() {
        return highest;
    }

    boolean mayStandIn(Place place) {
        return (places & 1 << place.ordinal()) != 0;
    }

    /** Whether it may be given more than once in this place. */
    boolean mayRepeatIn(Place place) {
        return this == USER_PROPERTY || (this == SUBSCRIPTION_IDENTIFIER && place == Place.PUBLISH);
    }
}
