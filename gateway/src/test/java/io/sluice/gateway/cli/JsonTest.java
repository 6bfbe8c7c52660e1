// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JsonTest {

    @Test
    void nested_values_areSeparated() {
        Json json = new Json();
        json.object()
                .put("a", 1)
                .array("b")
                .add(2)
                .add("x")
                .array()
                .endArray()
                .object()
                .endObject()
                .endArray();
        json.object("c").put("d", true).endObject().put("e", "f").endObject();
        assertThat(json.take()).isEqualTo("{\"a\":1,\"b\":[2,\"x\",[],{}],\"c\":{\"d\":true},\"e\":\"f\"}");
        assertThat(json.object().endObject().take()).isEqualTo("{}");
    }

    @Test
    void text_notAscii_isEscaped() {
        assertThat(new Json()
                        .object()
                        .put("t", "\"\\\n\r\t\u0001\u007f\u00e9\u2028\ud83d\ude00")
                        .endObject()
                        .take())
                .isEqualTo("{\"t\":\"\\\"\\\\\\n\\r\\t\\u0001\\u007f\\u00e9\\u2028\\ud83d\\ude00\"}");
    }
}
