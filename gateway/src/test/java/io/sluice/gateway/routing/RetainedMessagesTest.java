// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.client.Packets;
import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RetainedMessagesTest {

    private final RetainedMessages retained = new RetainedMessages(3, 1_000);

    @Test
    void matching_aWildcard_givesThemInTheOrderInWhichTheirTopicsCame() {
        put("b", "1", 10);
        put("a", "2", 11);
        put("$c", "hidden", 12);
        put("b", "3", 13);

        assertThat(retained.matching(TopicFilter.of("#"), 0))
                .extracting(message -> message.payload().text())
                .containsExactly("3", "2");
        assertThat(retained.matching(TopicFilter.of("a"), 0)).hasSize(1);
        assertThat(retained.matching(TopicFilter.of("x"), 0)).isEmpty();
        assertThat(retained.stateNumber(new TopicName("b"))).isEqualTo(13);
        assertThat(retained.count()).isEqualTo(3);
    }

    @Test
    void room_isByNumberAndBytesAndAlwaysThereForWhatIsNotLarger() {
        put("a", "1", 1);
        put("b", "x".repeat(500), 2);
        assertThat(retained.hasRoomFor(Packets.retained("c", "x", Qos.AT_MOST_ONCE)))
                .isFalse(); // 1,000 bytes
        assertThat(retained.hasRoomFor(Packets.retained("b", "y".repeat(500), Qos.AT_MOST_ONCE)))
                .isTrue();
        assertThat(retained.hasRoomFor(Packets.retained("b", "y".repeat(700), Qos.AT_MOST_ONCE)))
                .isFalse();
        put("b", "y", 3);
        put("c", "x", 4);
        assertThat(retained.hasRoomFor(Packets.retained("d", "x", Qos.AT_MOST_ONCE)))
                .isFalse(); // the fourth
        retained.remove(new TopicName("b"));
        retained.remove(new TopicName("b"));
        assertThat(retained.hasRoomFor(Packets.retained("d", "x", Qos.AT_MOST_ONCE)))
                .isTrue();
    }

    @Test
    void expired_isNotFoundAndRemovedWhenAskedFor() {
        retained.put(Packets.retained("a", "1", Qos.AT_LEAST_ONCE, 10), 1);
        retained.put(Packets.retained("b", "2", Qos.AT_LEAST_ONCE, 20), 2);
        put("c", "3", 3);

        assertThat(retained.removeExpired(9_999)).isEmpty();
        assertThat(retained.matching(TopicFilter.of("a"), 10_000)).isEmpty();
        assertThat(retained.of(new TopicName("a"), 10_000)).isEmpty();
        assertThat(retained.matching(TopicFilter.of("#"), 10_000)).hasSize(2);
        assertThat(retained.removeExpired(10_000)).containsExactly(1);
        assertThat(retained.removeExpired(19_999)).isEmpty();
        assertThat(retained.removeExpired(20_000)).containsExactly(2);
        assertThat(retained.removeExpired(Long.MAX_VALUE)).isEmpty();
        assertThat(retained.count()).isEqualTo(1);
    }

    private void put(String topic, String payload, long number) {
        Message message = Packets.retained(topic, payload, Qos.AT_LEAST_ONCE);
        retained.put(message, number);
    }

    @Test
    void page_afterPage_givesEveryTopicOnceWhateverChangesMeanwhile() {
        RetainedMessages retained = new RetainedMessages(100_000, 1 << 30);
        for (int i = 0; i < 10_000; i++) {
            retained.put(Packets.retained((i % 2 == 0 ? "even/" : "odd/") + i, "x", Qos.AT_LEAST_ONCE), i + 1);
        }
        List<String> topics = new ArrayList<>();
        RetainedMessages.Page page = retained.page(TopicFilter.of("even/#"), 0, 100, 10, 0);
        while (true) {
            assertThat(page.messages()).hasSizeLessThanOrEqualTo(10);
            page.messages().forEach(message -> topics.add(message.topic().value()));
            if (page.isLast()) {
                break;
            }
            retained.put(Packets.retained("even/0", "again", Qos.AT_LEAST_ONCE), 20_000 + topics.size());
            retained.put(Packets.retained("even/9998", "again", Qos.AT_LEAST_ONCE), 30_000 + topics.size());
            page = retained.page(TopicFilter.of("even/#"), page.last(), 100, 10, 0);
        }
        assertThat(topics).hasSize(5_000).doesNotHaveDuplicates();
        assertThat(retained.count()).isEqualTo(10_000);
    }
}
