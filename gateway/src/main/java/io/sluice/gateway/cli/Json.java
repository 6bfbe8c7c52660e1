// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

/**
 * Builds JSON (RFC 8259) on one line, in ASCII, so that no locale of a terminal or a pipe can spoil it: other characters are escaped.
 */
final class Json {

    private final StringBuilder text = new StringBuilder();
    private boolean first = true;

    /** Begins an object, within an array or as the whole. */
    Json object() {
        return open('{');
    }

    Json object(String key) {
        return key(key).begin('{');
    }

    Json array(String key) {
        return key(key).begin('[');
    }

    Json array() {
        return open('[');
    }

    Json endObject() {
        return end('}');
    }

    Json endArray() {
        return end(']');
    }

    Json put(String key, String value) {
        key(key);
        quote(value);
        return this;
    }

    Json put(String key, long value) {
        key(key);
        text.append(value);
        return this;
    }

    Json put(String key, boolean value) {
        key(key);
        text.append(value);
        return this;
    }

    /** A value of an array. */
    Json add(String value) {
        comma();
        quote(value);
        return this;
    }

    /** A value of an array. */
    Json add(long value) {
        comma();
        text.append(value);
        return this;
    }

    /** What was built since the last time. */
    String take() {
        String built = text.toString();
        text.setLength(0);
        first = true;
        return built;
    }

    private Json open(char bracket) {
        comma();
        return begin(bracket);
    }

    private Json begin(char bracket) {
        text.append(bracket);
        first = true;
        return this;
    }

    private Json end(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    private Json key(String key) {
        comma();
        quote(key);
        text.append(':');
        return this;
    }

    private void comma() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c > '~') {
                        text.append("\\u").append(Character.forDigit(c >> 12, 16));
                        text.append(Character.forDigit(c >> 8 & 15, 16)).append(Character.forDigit(c >> 4 & 15, 16));
                        text.append(Character.forDigit(c & 15, 16));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
