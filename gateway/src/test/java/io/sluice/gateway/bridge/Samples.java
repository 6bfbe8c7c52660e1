// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.rules.BridgeRule;
import io.sluice.rules.Renaming;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings, rules and messages for tests. */
final class Samples {

    private Samples() {}

    static Settings.Upstream upstream(int window, String... addresses) {
        return new Settings.Upstream(
                List.of(addresses).stream().map(URI::create).toList(),
                "sluice-test",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(20),
                Duration.ofHours(1),
                Duration.ofSeconds(5),
                Duration.ofMillis(20),
                Duration.ofMillis(200),
                window);
    }

    static BridgeRule.Forward forward(String name, String filter) {
        return forward(name, filter, BridgeRule.Retain.KEEP, Optional.of(Qos.AT_LEAST_ONCE));
    }

    static BridgeRule.Forward forward(String name, String filter, BridgeRule.Retain retain, Optional<Qos> qos) {
        return new BridgeRule.Forward(name, TopicFilter.of(filter), same(filter), qos, retain, List.of());
    }

    static BridgeRule.Fetch fetch(String name, String filter) {
        return new BridgeRule.Fetch(
                name,
                TopicFilter.of(filter),
                same(filter),
                Qos.AT_LEAST_ONCE,
                true,
                true,
                BridgeRule.RetainHandling.SEND_IF_NEW);
    }

    private static Renaming same(String filter) {
        return Renaming.of(TopicFilter.of(filter), TopicFilter.of(filter));
    }

    static Message message(String topic, String payload) {
        return message(topic, payload, Message.NEVER, 0);
    }

    static Message message(String topic, String payload, long expirySeconds, long receivedAt) {
        return Message.of(
                new TopicName(topic),
                Qos.AT_LEAST_ONCE,
                false,
                MessageProperties.none(),
                expirySeconds,
                receivedAt,
                Payload.ofText(payload));
    }
}
