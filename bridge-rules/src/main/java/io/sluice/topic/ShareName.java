// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

/** The name of a shared subscription's group: at least one character, none of {@code / + #} [MQTT-4.8.2-1, -2]. */
public record ShareName(String value) {

    /** @throws IllegalArgumentException if {@code value} is not a share name */
    public ShareName {
        TopicText.check("share name", value);
        if (value.indexOf('/') >= 0 || value.indexOf('+') >= 0 || value.indexOf('#') >= 0) {
            throw new IllegalArgumentException("share name must not contain /, + or #: " + TopicText.shown(value));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
