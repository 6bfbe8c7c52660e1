// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of fetched messages that cannot be taken in for now, or never. */
final class FetchingTest extends BridgeHarness {

    private static final BridgeRule.Fetch SETTINGS = Samples.fetch("settings", "settings/#");
    private static final Duration LATER = Duration.ofSeconds(1);

    private Fetched fetched(long connection, int packetId, String payload) {
        return fetched(connection, packetId, Samples.message("settings/a", payload));
    }

    private Fetched fetched(long connection, int packetId, Message message) {
        Fetched fetched = new Fetched(connection, packetId, message, List.of(1));
        upstream.events.fetched(fetched);
        executor.run();
        return fetched;
    }

    private List<String> taken() {
        return taken.stream().map(message -> message.payload().text()).toList();
    }

    @Test
    void fetched_refusedForNow_isTakenBeforeWhatCameAfterIt() {
        start(SETTINGS);
        connect();
        answer = Inlet.Answer.LATER;
        Fetched first = fetched(1, 1, "first");
        answer = Inlet.Answer.TAKEN;
        Fetched second = fetched(1, 2, "second");
        assertThat(taken()).isEmpty();
        assertThat(upstream.listening)
                .as("or nothing that was forwarded would be settled")
                .isTrue();

        executor.advance(LATER);

        assertThat(taken()).containsExactly("first", "second");
        assertThat(upstream.acknowledged).isEmpty();
        durables.forEach(Runnable::run);
        assertThat(upstream.acknowledged).containsExactly(first, second);
    }

    @Test
    void fetched_refusedForLong_isOfferedAgainUntilItIsTaken() {
        Bridge bridge = start(SETTINGS);
        connect();
        answer = Inlet.Answer.LATER;
        fetched(1, 1, "first");
        fetched(1, 2, "second");
        executor.advance(LATER);
        executor.advance(LATER);
        assertThat(bridge.status().counts().fetched()).isZero();
        answer = Inlet.Answer.TAKEN;
        executor.advance(LATER);
        assertThat(taken()).containsExactly("first", "second");
        assertThat(bridge.status().counts().fetched()).isEqualTo(2);
    }

    /** Nothing is promised of it, so that it need not wait, and cannot fill the memory. */
    @Test
    void fetchedWithQos0_whileOthersWait_goesItsWay() {
        start(SETTINGS);
        connect();
        answer = Inlet.Answer.LATER;
        fetched(1, 1, "first");
        answer = Inlet.Answer.TAKEN;
        fetched(1, 0, message(Qos.AT_MOST_ONCE, "passing"));
        assertThat(taken()).containsExactly("passing");
    }

    @Test
    void fetched_connectionLostWhileItWaits_isTakenOnceWhenItComesAgain() {
        start(SETTINGS);
        connect();
        answer = Inlet.Answer.LATER;
        fetched(1, 1, "first");
        close(End.PEER);
        answer = Inlet.Answer.TAKEN;
        reconnect();
        Fetched again = fetched(2, 1, "first");

        executor.advance(LATER);

        assertThat(taken()).containsExactly("first");
        durables.forEach(Runnable::run);
        assertThat(upstream.acknowledged).containsExactly(again);
    }

    @Test
    void fetched_moreThanMayWait_isLeftToUpstreamWhichIsAskedForItAgain() {
        start(SETTINGS);
        connect();
        answer = Inlet.Answer.LATER;
        String large = "x".repeat(Fetching.WAITING_BYTES_MAX);
        fetched(1, 1, large);
        fetched(1, 2, "second");
        executor.advance(LATER);
        assertThat(upstream.disconnects).isZero();
        answer = Inlet.Answer.TAKEN;
        executor.advance(LATER);
        fetched(1, 3, "third");
        assertThat(taken()).containsExactly(large);
        assertThat(upstream.disconnects).isEqualTo(1);

        close(End.OTHER);
        reconnect();
        fetched(2, 2, "second");
        fetched(2, 3, "third");

        assertThat(taken()).containsExactly(large, "second", "third");
    }

    @Test
    void fetched_refusedForGood_isAcknowledgedAndCounted() {
        Bridge bridge = start(SETTINGS);
        connect();
        answer = Inlet.Answer.REFUSED;
        Fetched fetched = fetched(1, 1, "first");
        durables.forEach(Runnable::run);
        assertThat(upstream.acknowledged).containsExactly(fetched);
        assertThat(bridge.status().counts().refused()).isEqualTo(1);
        assertThat(bridge.status().counts().fetched()).isZero();
    }

    private static Message message(Qos qos, String payload) {
        return Message.of(
                new TopicName("settings/a"),
                qos,
                false,
                MessageProperties.none(),
                Message.NEVER,
                0,
                Payload.ofText(payload));
    }
}
