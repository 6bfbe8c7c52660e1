// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sluice.gateway.Statement;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class MessagePropertiesTest {

    @Test
    void builder_everyProperty_isReadBack() {
        MessageProperties properties = MessageProperties.builder()
                .userProperty("first", "")
                .utf8Payload(true)
                .correlationData(Payload.of(new byte[] {0, 1, -1}))
                .contentType("text/plain; ü")
                .responseTopic("answers/1")
                .userProperty("", "last")
                .build();

        assertThat(properties.isUtf8Payload()).isTrue();
        assertThat(properties.contentType()).contains("text/plain; ü");
        assertThat(properties.responseTopic()).contains("answers/1");
        assertThat(properties.correlationData()).contains(Payload.of(new byte[] {0, 1, -1}));
        assertThat(properties.userProperties())
                .containsExactly(new UserProperty("first", ""), new UserProperty("", "last"));
    }

    @Test
    void none_everything_isAbsent() {
        MessageProperties none = MessageProperties.none();

        assertThat(none.length()).isZero();
        assertThat(none.isUtf8Payload()).isFalse();
        assertThat(none.contentType()).isEmpty();
        assertThat(none.responseTopic()).isEmpty();
        assertThat(none.correlationData()).isEmpty();
        assertThat(none.userProperties()).isEmpty();
        assertThat(MessageProperties.builder().build()).isSameAs(none);
    }

    @Test
    @Statement({"MQTT-3.3.2-17", "MQTT-3.3.2-18"})
    void userProperties_repeated_keepTheirOrder() {
        MessageProperties properties = MessageProperties.builder()
                .userProperty("b", "1")
                .userProperty("a", "2")
                .userProperty("b", "1")
                .build();

        assertThat(properties.userProperties())
                .containsExactly(new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "1"));
    }

    @Test
    void builder_bytes_areMqtt5sOwn() {
        MessageProperties properties = MessageProperties.builder()
                .utf8Payload(false)
                .contentType("c")
                .userProperty("n", "v")
                .build();
        byte[] target = new byte[properties.length() + 2];

        properties.copyTo(target, 1);

        assertThat(HexFormat.of().formatHex(target)).isEqualTo("00" + "0100" + "03000163" + "2600016e000176" + "00");
    }

    @Test
    void toBuilder_appends_andLeavesTheFirstAlone() {
        MessageProperties first = MessageProperties.builder().contentType("c").build();

        MessageProperties second = first.toBuilder().userProperty("n", "v").build();

        assertThat(first.userProperties()).isEmpty();
        assertThat(second.contentType()).contains("c");
        assertThat(second.userProperties()).containsExactly(new UserProperty("n", "v"));
        assertThat(second).isNotEqualTo(first);
        assertThat(second.toBuilder().build()).isEqualTo(second).hasSameHashCodeAs(second);
    }

    @Test
    void builder_textOf65535Bytes_isTheLongest() {
        String longest = "x".repeat(65_535);

        assertThat(MessageProperties.builder().contentType(longest).build().contentType())
                .contains(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageProperties.builder().contentType(longest + "x"))
                .withMessageContaining("65536");
    }
}
