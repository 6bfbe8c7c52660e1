// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

/**
 * The name under which a message is published (MQTT 5.0 section 4.7): 1 to 65,535 bytes of UTF-8 without wildcards or the null
 * character. Compared character by character, without normalization [MQTT-4.7.3-4].
 */
public record TopicName(String value) {

    /** @throws IllegalArgumentException if {@code value} is not a topic name; the message says why */
    public TopicName {
        TopicText.check("topic name", value);
        if (value.indexOf('+') >= 0 || value.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "topic name must not contain the wildcards + or #: " + TopicText.shown(value)); // [MQTT-4.7.0-1]
        }
    }

    /** Whether the name begins with {@code $}, where wildcards at the first level do not match [MQTT-4.7.2-1]. */
    public boolean isReserved() {
        return value.charAt(0) == '$';
    }

    @Override
    public String toString() {
        return value;
    }
}
