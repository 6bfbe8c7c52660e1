// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.sluice.topic.TopicName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is remembered of topics, and what it takes. */
final class RecentTopicsTest {

    private int decoded;
    private int held;
    private int heldMax = Integer.MAX_VALUE;
    private final RecentTopics topics = new RecentTopics(1, this::take);

    private boolean take(int bytes) {
        if (bytes > heldMax - held) {
            return false;
        }
        held += bytes;
        return true;
    }

    private TopicName name(String topic) {
        byte[] utf8 = (topic + "payload").getBytes(StandardCharsets.UTF_8);
        int length = topic.getBytes(StandardCharsets.UTF_8).length;
        return topics.name(utf8, length, (bytes, count) -> {
            decoded++;
            return new TopicName(new String(bytes, 0, count, StandardCharsets.UTF_8));
        });
    }

    @Test
    void topic_again_isNotDecodedAgain() {
        TopicName first = name("plant/7");

        assertThat(name("plant/7")).isSameAs(first).hasToString(first.toString());
        assertThat(decoded).isEqualTo(1);
    }

    @Test
    void topic_thatBeginsLikeAnother_isAnother() {
        name("plant/7");

        assertThat(name("plant/70").value()).isEqualTo("plant/70");
        assertThat(name("plant/").value()).isEqualTo("plant/");
        assertThat(decoded).isEqualTo(3);
    }

    @Test
    void place_takenByAnother_givesItsMemoryBack() {
        name("a");
        int one = held;
        name("b");

        assertThat(held).isEqualTo(one);
    }

    @Test
    void topic_withoutRoom_isDecodedEachTime() {
        heldMax = 0;

        assertThat(name("a")).isEqualTo(name("a"));
        assertThat(decoded).isEqualTo(2);
        assertThat(held).isZero();
    }

    @Test
    void topic_tooLong_isNotRemembered() {
        String tooLong = "a".repeat(RecentTopics.BYTES_MAX + 1);

        assertThat(name(tooLong)).isEqualTo(name(tooLong));
        assertThat(decoded).isEqualTo(2);
        assertThat(held).isZero();
    }

    @Test
    void topic_refusedByTheDecoder_isNotRemembered() {
        byte[] bytes = {'#'};
        assertThatIOException()
                .isThrownBy(() -> topics.name(bytes, 1, (utf8, length) -> {
                    throw new IOException("no topic name");
                }));

        assertThat(held).isZero();
    }
}
