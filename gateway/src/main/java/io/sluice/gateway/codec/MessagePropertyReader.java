// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the properties of a PUBLISH or a will: takes out what belongs to this one sending, and copies the rest as it stands into
 * the message's array. One per connection, used anew for each message.
 */
final class MessagePropertyReader {

    private long expirySeconds = Message.NEVER;
    private long willDelaySeconds;
    private int topicAlias;
    private boolean utf8Payload;
    private boolean checkPayloadFormat = true;
    private boolean hasTexts;
    private List<Integer> subscriptionIds = List.of();

    private int from;
    private int to;
    private int keptBytes;
    /** Pairs of where a property that is taken out begins and ends. */
    private int[] cuts = new int[8];

    private int cutCount;

    /** As if there had been no properties. */
    void none() {
        expirySeconds = Message.NEVER;
        willDelaySeconds = 0;
        topicAlias = 0;
        utf8Payload = false;
        hasTexts = false;
        subscriptionIds = List.of();
        from = 0;
        to = 0;
        keptBytes = 0;
        cutCount = 0;
    }

    /** Reads the length of the properties and then the properties; texts are validated when they are copied. */
    void read(PacketInput in, Place place) throws ProtocolException {
        none();
        int length = in.variableByteInteger();
        if (length == 0) {
            return;
        }
        int outer = in.narrow(length);
        from = in.position();
        long seen = 0;
        while (in.hasMore()) {
            int begin = in.position();
            Property property = PropertyTable.admit(in.variableByteInteger(), place, seen);
            seen |= 1L << property.id();
            if (take(property, in)) {
                cut(begin, in.position());
            }
        }
        to = in.position();
        keptBytes += to - from;
        in.widen(outer);
    }

    /** Reads one value and says whether it is not part of the message. */
    private boolean take(Property property, PacketInput in) throws ProtocolException {
        switch (property) {
            case PAYLOAD_FORMAT_INDICATOR -> {
                int value = in.unsignedByte();
                PropertyTable.checkRange(property, value);
                utf8Payload = value == 1;
                return false;
            }
            case CONTENT_TYPE, RESPONSE_TOPIC -> {
                in.skip(in.unsignedShort());
                hasTexts = true;
                return false;
            }
            case USER_PROPERTY -> {
                in.skip(in.unsignedShort());
                in.skip(in.unsignedShort());
                hasTexts = true;
                return false;
            }
            case CORRELATION_DATA -> {
                in.skip(in.unsignedShort());
                return false;
            }
            case MESSAGE_EXPIRY_INTERVAL -> expirySeconds = in.unsignedInt();
            case WILL_DELAY_INTERVAL -> willDelaySeconds = in.unsignedInt();
            case TOPIC_ALIAS -> {
                topicAlias = in.unsignedShort();
                PropertyTable.checkRange(property, topicAlias); // [MQTT-3.3.2-8]
            }
            case SUBSCRIPTION_IDENTIFIER -> {
                int id = in.variableByteInteger();
                PropertyTable.checkRange(property, id);
                if (subscriptionIds.isEmpty()) {
                    subscriptionIds = new ArrayList<>(2);
                }
                subscriptionIds.add(id);
            }
            default -> throw new IllegalStateException("not a property of a message: " + property);
        }
        return true;
    }

    private void cut(int begin, int end) {
        if (cutCount == cuts.length) {
            cuts = Arrays.copyOf(cuts, 2 * cuts.length);
        }
        cuts[cutCount++] = begin;
        cuts[cutCount++] = end;
        keptBytes -= end - begin;
    }

    /** How many bytes {@link #copy} will copy. */
    int keptBytes() {
        return keptBytes;
    }

    /** Copies what belongs to the message, in its order [MQTT-3.3.2-18], and validates its texts. */
    void copy(PacketInput in, byte[] target, int targetAt) throws ProtocolException {
        if (keptBytes == 0) {
            return;
        }
        int at = targetAt;
        int run = from;
        for (int i = 0; i <= cutCount; i += 2) {
            int runEnd = i < cutCount ? cuts[i] : to;
            in.copy(run, target, at, runEnd - run);
            at += runEnd - run;
            run = i < cutCount ? cuts[i + 1] : to;
        }
        if (hasTexts) {
            checkTexts(target, targetAt, at);
        }
    }

    private static void checkTexts(byte[] bytes, int from, int to) throws ProtocolException {
        for (int at = from; at < to; ) {
            at = switch (bytes[at]) {
                case MessageProperties.PAYLOAD_FORMAT_INDICATOR -> at + 2;
                case MessageProperties.CORRELATION_DATA -> afterBinary(bytes, at + 1);
                case MessageProperties.RESPONSE_TOPIC -> afterResponseTopic(bytes, at + 1);
                case MessageProperties.USER_PROPERTY -> afterText(bytes, afterText(bytes, at + 1)); // [MQTT-1.5.7-1]
                default -> afterText(bytes, at + 1); // content type [MQTT-3.3.2-19]
            };
        }
    }

    private static int afterBinary(byte[] bytes, int at) {
        return at + 2 + (((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF));
    }

    private static int afterText(byte[] bytes, int at) throws ProtocolException {
        int end = afterBinary(bytes, at);
        Utf8.check(bytes, at + 2, end);
        return end;
    }

    private static int afterResponseTopic(byte[] bytes, int at) throws ProtocolException {
        int end = afterText(bytes, at); // [MQTT-3.3.2-13]
        if (end == at + 2) {
            throw Refusal.protocolError("MQTT-4.7.3-1", "response topic must be at least one character long");
        }
        if (TopicNames.hasWildcard(bytes, at + 2, end)) {
            throw Refusal.protocolError("MQTT-3.3.2-14", "response topic must not contain the wildcards + or #");
        }
        return end;
    }

    void checkPayloadFormat(boolean check) {
        checkPayloadFormat = check;
    }

    /** @throws ProtocolException if the payload is said to be UTF-8 and is not (MQTT 5.0 section 3.3.2.3.2) */
    void checkPayload(byte[] bytes, int payloadAt) throws ProtocolException {
        if (checkPayloadFormat && utf8Payload && !Utf8.isWellFormed(bytes, payloadAt, bytes.length)) {
            throw new ProtocolException(
                    ReasonCode.PAYLOAD_FORMAT_INVALID,
                    Refusal.UNNUMBERED,
                    "payload must be UTF-8 as the payload format indicator says");
        }
    }

    /** The message expiry interval in seconds, or {@link Message#NEVER}. */
    long expirySeconds() {
        return expirySeconds;
    }

    /** The will delay interval in seconds; 0 if absent. */
    long willDelaySeconds() {
        return willDelaySeconds;
    }

    /** The topic alias, or 0 if there was none. */
    int topicAlias() {
        return topicAlias;
    }

    List<Integer> subscriptionIds() {
        return subscriptionIds;
    }
}
