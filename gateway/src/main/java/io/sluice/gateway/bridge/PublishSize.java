// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;

/** How large a PUBLISH packet becomes (MQTT 5.0 section 3.3). */
final class PublishSize {

    private static final int FIXED_HEADER_BYTES = 5;
    private static final int TOPIC_LENGTH_BYTES = 2;
    private static final int PACKET_ID_BYTES = 2;
    private static final int PROPERTY_LENGTH_BYTES = 4;
    private static final int EXPIRY_BYTES = 5;

    private PublishSize() {}

    /** An upper bound in bytes, at most ten above the truth. */
    static long bytes(TopicName topic, Message message) {
        return (long) FIXED_HEADER_BYTES
                + TOPIC_LENGTH_BYTES
                + topicBytes(topic, message)
                + PACKET_ID_BYTES
                + PROPERTY_LENGTH_BYTES
                + EXPIRY_BYTES
                + message.propertiesBytes()
                + message.payloadBytes();
    }

    private static int topicBytes(TopicName topic, Message message) {
        return topic.equals(message.topic())
                ? message.topicBytes()
                : topic.value().getBytes(StandardCharsets.UTF_8).length;
    }
}
