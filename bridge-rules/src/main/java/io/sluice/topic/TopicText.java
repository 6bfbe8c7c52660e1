// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

/** What topic names and topic filters have in common (MQTT 5.0 sections 1.5.4 and 4.7.3). */
final class TopicText {

    static final int BYTES_MAX = 65_535;

    private static final int SHOWN_MAX = 80;

    private TopicText() {}

    static void check(String kind, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(kind + " must be at least one character long"); // [MQTT-4.7.3-1]
        }
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(kind + " must not contain the null character"); // [MQTT-4.7.3-2]
            } else if (c < 0x80) {
                bytes += 1;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                throw new IllegalArgumentException(kind + " must not contain a lone surrogate"); // [MQTT-1.5.4-1]
            }
        }
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    kind + " must not exceed 65,535 bytes of UTF-8, found " + bytes); // [MQTT-4.7.3-3]
        }
    }

    /** The text as an error message may carry it: what a client sends must not fill a log or break its lines. */
    static String shown(String text) {
        String start = text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
        return start.chars()
                .map(c -> Character.isISOControl(c) || Character.isSurrogate((char) c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
