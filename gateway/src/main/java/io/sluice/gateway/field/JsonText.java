// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.field;

import io.sluice.device.Reading;
import java.util.List;
import java.util.regex.Pattern;

/** A reading as a JSON object (RFC 8259): a value that is a JSON number stands as one, any other as a string. */
final class JsonText {

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private JsonText() {}

    static String object(List<Reading.Value> values) {
        StringBuilder json = new StringBuilder("{");
        for (Reading.Value value : values) {
            if (json.length() > 1) {
                json.append(',');
            }
            string(value.field(), json);
            json.append(':');
            if (NUMBER.matcher(value.text()).matches()) {
                json.append(value.text());
            } else {
                string(value.text(), json);
            }
        }
        return json.append('}').toString();
    }

    private static void string(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20) {
                        json.append("\\u%04x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
