// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.ProtocolException;

/** The rules for UTF-8 encoded strings (MQTT 5.0 section 1.5.4, RFC 3629). */
final class Utf8 {

    private Utf8() {}

    /** @throws ProtocolException unless the bytes are well-formed UTF-8 without the null character */
    static void check(byte[] bytes, int from, int to) throws ProtocolException {
        for (int at = from; at < to; ) {
            int next = bytes[at] > 0 ? at + 1 : afterCharacter(bytes, at, to);
            if (next < 0) {
                throw Refusal.malformed(
                        "MQTT-1.5.4-1", "text must be well-formed UTF-8, is not at byte %d".formatted(at - from));
            }
            if (bytes[at] == 0) {
                throw Refusal.malformed(
                        "MQTT-1.5.4-2",
                        "text must not contain the null character, found at byte %d".formatted(at - from));
            }
            at = next;
        }
    }

    /** Whether the bytes are well-formed UTF-8; the null character is fine. */
    static boolean isWellFormed(byte[] bytes, int from, int to) {
        for (int at = from; at < to; ) {
            at = bytes[at] >= 0 ? at + 1 : afterCharacter(bytes, at, to);
            if (at < 0) {
                return false;
            }
        }
        return true;
    }

    /** Where the character that begins here ends, or -1: not UTF-8, too long an encoding, a surrogate, above U+10FFFF. */
    private static int afterCharacter(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xFF;
        if (first < 0x80) {
            return at + 1;
        }
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || to - at < length) {
            return -1;
        }
        int second = bytes[at + 1] & 0xFF;
        int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < lowest || second > highest) {
            return -1;
        }
        for (int i = at + 2; i < at + length; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return -1;
            }
        }
        return at + length;
    }
}
