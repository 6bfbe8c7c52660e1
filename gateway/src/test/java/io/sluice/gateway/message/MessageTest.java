// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.Statement;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MessageTest {

    private static final MessageProperties PROPERTIES =
            MessageProperties.builder().contentType("c").userProperty("n", "v").build();

    private static Message message(long expirySeconds, long receivedAt) {
        return Message.of(
                new TopicName("Kühler/1"),
                Qos.AT_LEAST_ONCE,
                true,
                PROPERTIES,
                expirySeconds,
                receivedAt,
                Payload.ofText("warm"));
    }

    @Test
    void of_parts_standInOneArrayInOrder() {
        Message message = message(Message.NEVER, 5);

        byte[] topic = "Kühler/1".getBytes(StandardCharsets.UTF_8);
        assertThat(message.topicBytes()).isEqualTo(topic.length);
        assertThat(message.propertiesBytes()).isEqualTo(PROPERTIES.length());
        assertThat(message.payloadOffset()).isEqualTo(topic.length + PROPERTIES.length());
        assertThat(message.payloadBytes()).isEqualTo(4);
        assertThat(message.bytes())
                .hasSize(topic.length + PROPERTIES.length() + 4)
                .startsWith(topic)
                .endsWith('w', 'a', 'r', 'm');
        assertThat(message.properties()).isEqualTo(PROPERTIES);
        assertThat(message.payload()).isEqualTo(Payload.ofText("warm"));
        assertThat(message.topic()).isEqualTo(new TopicName("Kühler/1"));
        assertThat(message.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(message.retain()).isTrue();
        assertThat(message.receivedAt()).isEqualTo(5);
    }

    @Test
    void encoded_sameBytes_isTheSameMessage() {
        Message made = message(60, 5);

        Message encoded = Message.encoded(
                made.topic(), made.qos(), true, 60, 5, made.bytes(), made.topicBytes(), made.propertiesBytes());

        assertThat(encoded.properties()).isEqualTo(PROPERTIES);
        assertThat(encoded.payload().text()).isEqualTo("warm");
        assertThat(encoded.bytes()).isSameAs(made.bytes());
    }

    @Test
    @Statement("MQTT-3.3.2-6")
    void remainingSeconds_timePasses_countsDownToZero() {
        Message message = message(10, 1_000);

        assertThat(message.remainingSeconds(1_000)).isEqualTo(10);
        assertThat(message.remainingSeconds(1_999)).isEqualTo(10);
        assertThat(message.remainingSeconds(2_000)).isEqualTo(9);
        assertThat(message.remainingSeconds(60_000)).isZero();
        assertThat(message.remainingSeconds(0)).as("clock before the arrival").isEqualTo(10);
    }

    @Test
    @Statement("MQTT-3.3.2-5")
    void isExpired_atTheIntervalsEnd_turnsTrue() {
        Message message = message(10, 1_000);

        assertThat(message.isExpired(10_999)).isFalse();
        assertThat(message.isExpired(11_000)).isTrue();
        assertThat(message(0, 1_000).isExpired(1_000)).isTrue();
    }

    @Test
    void expiry_absent_neverExpires() {
        Message message = message(Message.NEVER, 0);

        assertThat(message.remainingSeconds(Long.MAX_VALUE)).isEqualTo(Message.NEVER);
        assertThat(message.isExpired(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void isExpired_highestInterval_doesNotOverflow() {
        Message message = message(0xFFFF_FFFFL, 0);

        assertThat(message.isExpired(0xFFFF_FFFFL * 1_000 - 1)).isFalse();
        assertThat(message.isExpired(0xFFFF_FFFFL * 1_000)).isTrue();
    }

    @Test
    void toString_longPayload_showsOnlyItsBeginning() {
        assertThat(message(1, 0)).hasToString("Message[Kühler/1 qos=1 retain payload=4 bytes 7761726d]");
        assertThat(Payload.of(new byte[33])).hasToString("33 bytes " + "00".repeat(32) + "...");
    }
}
