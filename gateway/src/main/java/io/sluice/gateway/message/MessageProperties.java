// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The properties of a message that every receiver gets unchanged, in MQTT 5's own encoding: payload format indicator, content
 * type, response topic, correlation data, user properties (MQTT 5.0 section 3.3.2.3). Immutable; whoever makes one from foreign
 * bytes has validated them.
 */
public final class MessageProperties {

    public static final int PAYLOAD_FORMAT_INDICATOR = 0x01;
    public static final int CONTENT_TYPE = 0x03;
    public static final int RESPONSE_TOPIC = 0x08;
    public static final int CORRELATION_DATA = 0x09;
    public static final int USER_PROPERTY = 0x26;

    private static final MessageProperties NONE = new MessageProperties(new byte[0], 0, 0);

    private final byte[] bytes;
    private final int offset;
    private final int length;

    private MessageProperties(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    public static MessageProperties none() {
        return NONE;
    }

    static MessageProperties view(byte[] bytes, int offset, int length) {
        return length == 0 ? NONE : new MessageProperties(bytes, offset, length);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with these properties. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.out.write(bytes, offset, length);
        return builder;
    }

    /** Encoded length in bytes. */
    public int length() {
        return length;
    }

    public void copyTo(byte[] target, int at) {
        System.arraycopy(bytes, offset, target, at, length);
    }

    /** Whether the payload format indicator says that the payload is UTF-8 text. */
    public boolean isUtf8Payload() {
        Cursor cursor = new Cursor();
        while (cursor.next()) {
            if (cursor.id == PAYLOAD_FORMAT_INDICATOR) {
                return bytes[cursor.value] == 1;
            }
        }
        return false;
    }

    public Optional<String> contentType() {
        return text(CONTENT_TYPE);
    }

    public Optional<String> responseTopic() {
        return text(RESPONSE_TOPIC);
    }

    public Optional<Payload> correlationData() {
        Cursor cursor = new Cursor();
        while (cursor.next()) {
            if (cursor.id == CORRELATION_DATA) {
                return Optional.of(Payload.view(bytes, cursor.value + 2, unsignedShort(cursor.value)));
            }
        }
        return Optional.empty();
    }

    /** All user properties, in order, repetitions kept. */
    public List<UserProperty> userProperties() {
        List<UserProperty> found = new ArrayList<>();
        Cursor cursor = new Cursor();
        while (cursor.next()) {
            if (cursor.id == USER_PROPERTY) {
                int nameBytes = unsignedShort(cursor.value);
                found.add(new UserProperty(string(cursor.value), string(cursor.value + 2 + nameBytes)));
            }
        }
        return List.copyOf(found);
    }

    private Optional<String> text(int id) {
        Cursor cursor = new Cursor();
        while (cursor.next()) {
            if (cursor.id == id) {
                return Optional.of(string(cursor.value));
            }
        }
        return Optional.empty();
    }

    private int unsignedShort(int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    private String string(int at) {
        return new String(bytes, at + 2, unsignedShort(at), StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MessageProperties that && asPayload().equals(that.asPayload());
    }

    @Override
    public int hashCode() {
        return asPayload().hashCode();
    }

    private Payload asPayload() {
        return Payload.view(bytes, offset, length);
    }

    @Override
    public String toString() {
        return "MessageProperties[" + asPayload() + "]";
    }

    /** Walks over the encoded properties: identifier and where its value begins. */
    private final class Cursor {
        private int id;
        private int value;
        private int at = offset;

        private boolean next() {
            if (at >= offset + length) {
                return false;
            }
            id = bytes[at];
            value = at + 1;
            at = value + valueLength();
            return true;
        }

        private int valueLength() {
            return switch (id) {
                case PAYLOAD_FORMAT_INDICATOR -> 1;
                case CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION_DATA -> 2 + unsignedShort(value);
                case USER_PROPERTY -> {
                    int name = 2 + unsignedShort(value);
                    yield name + 2 + unsignedShort(value + name);
                }
                default -> throw new IllegalStateException("not a message property: " + id);
            };
        }
    }

    /** Appends properties in the order of the calls. Texts are at most 65,535 bytes of UTF-8. */
    public static final class Builder {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private Builder() {}

        public Builder utf8Payload(boolean utf8) {
            out.write(PAYLOAD_FORMAT_INDICATOR);
            out.write(utf8 ? 1 : 0);
            return this;
        }

        public Builder contentType(String type) {
            out.write(CONTENT_TYPE);
            return text(type);
        }

        public Builder responseTopic(String topic) {
            out.write(RESPONSE_TOPIC);
            return text(topic);
        }

        public Builder correlationData(Payload data) {
            out.write(CORRELATION_DATA);
            return bytes(data.toBytes());
        }

        public Builder userProperty(String name, String value) {
            out.write(USER_PROPERTY);
            return text(name).text(value);
        }

        public MessageProperties build() {
            byte[] encoded = out.toByteArray();
            return view(encoded, 0, encoded.length);
        }

        private Builder text(String value) {
            return bytes(value.getBytes(StandardCharsets.UTF_8));
        }

        private Builder bytes(byte[] value) {
            if (value.length > 65_535) {
                throw new IllegalArgumentException("property exceeds 65,535 bytes: " + value.length);
            }
            out.write(value.length >>> 8);
            out.write(value.length);
            out.write(value, 0, value.length);
            return this;
        }
    }
}
