// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;

/** Topic names out of their bytes, held to what the specification asks of them. */
final class TopicNames {

    private TopicNames() {}

    /**
     * The topic name in the first {@code length} bytes.
     *
     * @throws ProtocolException if they are not a topic name
     */
    static TopicName decode(byte[] bytes, int length) throws ProtocolException {
        if (length == 0) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_NAME_INVALID, "MQTT-4.7.3-1", "topic name must be at least one character long");
        }
        Utf8.check(bytes, 0, length); // [MQTT-3.3.2-1]
        if (hasWildcard(bytes, 0, length)) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_NAME_INVALID, "MQTT-3.3.2-2", "topic name must not contain the wildcards + or #");
        }
        return new TopicName(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    static boolean hasWildcard(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '+' || bytes[i] == '#') {
                return true;
            }
        }
        return false;
    }
}
