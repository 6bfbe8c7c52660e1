// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SUBSCRIBE and UNSUBSCRIBE, their answers, and who gets what because of them. */
@Tag("wire")
final class SubscribeTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({
        "MQTT-3.8.4-1",
        "MQTT-3.8.4-2",
        "MQTT-3.8.4-5",
        "MQTT-3.8.4-6",
        "MQTT-3.8.4-7",
        "MQTT-3.9.3-1",
        "MQTT-3.9.3-2",
        "MQTT-2.2.1-6"
    })
    void subscribe_severalFilters_areAnsweredInOrder(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.send(Packets.subscribe(
                    10,
                    Packets.subscription("a", Qos.EXACTLY_ONCE),
                    Packets.subscription("$share/group/b", Qos.AT_LEAST_ONCE),
                    Packets.subscription("c/#", Qos.AT_MOST_ONCE),
                    Packets.subscription("d/+", Qos.AT_LEAST_ONCE)));

            Packet.Suback suback = client.expect(Packet.Suback.class);
            assertThat(suback.packetId()).isEqualTo(10);
            assertThat(suback.reasons())
                    .containsExactly(
                            ReasonCode.GRANTED_QOS_2,
                            ReasonCode.GRANTED_QOS_1,
                            ReasonCode.SUCCESS,
                            ReasonCode.GRANTED_QOS_1);
            client.publish("d/e", "x", Qos.AT_MOST_ONCE, 0);
            client.expect(Packet.Publish.class);
            client.publish("b", "x", Qos.AT_MOST_ONCE, 0);
            client.expect(Packet.Publish.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({
        "MQTT-3.10.4-1",
        "MQTT-3.10.4-2",
        "MQTT-3.10.4-4",
        "MQTT-3.10.4-5",
        "MQTT-3.10.4-6",
        "MQTT-3.11.3-1",
        "MQTT-3.11.3-2",
        "MQTT-2.2.1-6"
    })
    void unsubscribe_severalFilters_areComparedCharacterByCharacterAndAnsweredInOrder(ProtocolVersion version)
            throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.send(Packets.subscribe(
                    1,
                    Packets.subscription("a/+", Qos.AT_MOST_ONCE),
                    Packets.subscription("A/b", Qos.AT_MOST_ONCE),
                    Packets.subscription("c", Qos.AT_MOST_ONCE)));
            client.expect(Packet.Suback.class);

            client.send(Packets.unsubscribe(20, "a/b", "a/+", "c/", "c", "c"));

            Packet.Unsuback unsuback = client.expect(Packet.Unsuback.class);
            assertThat(unsuback.packetId()).isEqualTo(20);
            if (version == ProtocolVersion.MQTT_5) {
                assertThat(unsuback.reasons())
                        .containsExactly(
                                ReasonCode.NO_SUBSCRIPTION_EXISTED,
                                ReasonCode.SUCCESS,
                                ReasonCode.NO_SUBSCRIPTION_EXISTED,
                                ReasonCode.SUCCESS,
                                ReasonCode.NO_SUBSCRIPTION_EXISTED);
            }
            for (String topic : List.of("a/b", "c", "A/b")) {
                client.publish(topic, topic, Qos.AT_MOST_ONCE, 0);
            }
            assertThat(text(client)).isEqualTo("A/b");
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-3.10.4-3")
    void unsubscribe_whileADeliveryIsUnderWay_doesNotEndIt(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version);
                RawClient publisher = gateway.connected("publisher")) {
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            publisher.publish("a", "x", Qos.EXACTLY_ONCE, 1);
            int id = client.expect(Packet.Publish.class).packetId();
            client.send(Packets.unsubscribe(2, "a"));
            client.expect(Packet.Unsuback.class);

            client.send(Packets.pubrec(id));
            assertThat(client.expect(Packet.Pubrel.class).reason()).isEqualTo(ReasonCode.SUCCESS);
            client.send(Packets.pubcomp(id));
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.8.4-8", "MQTT-3.8.4-7"})
    void delivery_hasTheLowerQosOfMessageAndSubscription(ProtocolVersion version) throws IOException {
        for (Qos maximum : Qos.values()) {
            for (Qos published : Qos.values()) {
                try (RawClient client = gateway.connected("client", version);
                        RawClient publisher = gateway.connected("publisher", version)) {
                    client.subscribe(1, "a", maximum);
                    publisher.publish("a", "x", published, published == Qos.AT_MOST_ONCE ? 0 : 1);

                    Packet.Publish publish = client.expect(Packet.Publish.class);
                    assertThat(publish.message().qos()).isEqualTo(published.min(maximum));
                    assertThat(publish.packetId() == 0)
                            .isEqualTo(publish.message().qos() == Qos.AT_MOST_ONCE);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.8.4-3", "MQTT-3.8.4-4"})
    void subscribe_sameFilterAgain_replacesTheSubscriptionAndLosesNothing(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version);
                RawClient publisher = gateway.connected("publisher")) {
            publisher.send(Packets.publish(Packets.retained("a", "kept", Qos.AT_MOST_ONCE), 0));
            publisher.expectNothing();
            client.subscribe(1, "a", Qos.EXACTLY_ONCE);
            assertThat(text(client)).isEqualTo("kept");
            for (int i = 0; i < 100; i++) {
                publisher.publish("a", "" + i, Qos.AT_LEAST_ONCE, i + 1);
            }
            client.sendSubscribe(2, "a", Qos.AT_MOST_ONCE);

            List<String> got = new ArrayList<>();
            while (got.size() < 101) {
                switch (client.next()) {
                    case Packet.Publish publish ->
                        got.add(publish.message().payload().text());
                    case Packet.Suback suback -> assertThat(suback.reasons()).containsExactly(ReasonCode.SUCCESS);
                    case Packet other -> throw new AssertionError(other);
                }
            }
            assertThat(got).contains("kept").contains("0", "99").doesNotHaveDuplicates();
            publisher.publish("a", "last", Qos.EXACTLY_ONCE, 1);
            Packet.Publish last = client.expect(Packet.Publish.class);
            assertThat(last.message().qos()).isEqualTo(Qos.AT_MOST_ONCE);
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.3.4-2", "MQTT-4.7.3-4"})
    void overlapping_filters_giveOneDeliveryWithTheHighestQos(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.send(Packets.subscribe(
                    1,
                    Packets.subscription("a/#", Qos.AT_MOST_ONCE),
                    Packets.subscription("a/+", Qos.AT_LEAST_ONCE),
                    Packets.subscription("a/b", Qos.AT_MOST_ONCE)));
            client.expect(Packet.Suback.class);

            client.publish("a/b", "x", Qos.EXACTLY_ONCE, 1);

            List<Packet> packets = List.of(client.next(), client.next());
            Packet.Publish publish = (Packet.Publish) packets.stream()
                    .filter(packet -> packet instanceof Packet.Publish)
                    .findAny()
                    .orElseThrow();
            assertThat(publish.message().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            client.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-3", "MQTT-3.3.4-4", "MQTT-3.3.4-5"})
    void subscriptionIdentifiers_ofAllMatching_areSent() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.send(Packets.subscribe(1, 268_435_455, Packets.subscription("a/#", Qos.AT_MOST_ONCE)));
            client.expect(Packet.Suback.class);
            client.send(Packets.subscribe(2, 1, Packets.subscription("a/+", Qos.AT_MOST_ONCE)));
            client.expect(Packet.Suback.class);
            client.subscribe(3, "a/b", Qos.AT_MOST_ONCE);
            client.publish("a/b", "x", Qos.AT_MOST_ONCE, 0);

            assertThat(client.expect(Packet.Publish.class).subscriptionIds()).containsExactlyInAnyOrder(1, 268_435_455);
            client.send(Packets.subscribe(4, Packets.subscription("a/#", Qos.AT_MOST_ONCE)));
            client.expect(Packet.Suback.class);
            client.publish("a/c", "x", Qos.AT_MOST_ONCE, 0);
            assertThat(client.expect(Packet.Publish.class).subscriptionIds()).containsExactly(1);
        }
    }

    @Test
    @Statement("MQTT-3.8.3-3")
    void noLocal_keepsBackOnlyTheClientsOwnMessages() throws IOException {
        try (RawClient client = gateway.connected("client");
                RawClient other = gateway.connected("other")) {
            client.send(Packets.subscribe(
                    1, new Subscription(TopicFilter.of("a"), Qos.AT_LEAST_ONCE, true, false, RetainHandling.SEND)));
            client.expect(Packet.Suback.class);

            client.publish("a", "own", Qos.AT_MOST_ONCE, 0);
            client.expectNothing();
            other.publish("a", "other", Qos.AT_MOST_ONCE, 0);
            assertThat(text(client)).isEqualTo("other");
        }
    }

    @Test
    @Statement("MQTT-3.8.3-3")
    void noLocal_overlappedByAFilterWithoutIt_isDeliveredForThat() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.send(Packets.subscribe(
                    1,
                    7,
                    new Subscription(TopicFilter.of("a/+"), Qos.AT_LEAST_ONCE, true, false, RetainHandling.SEND)));
            client.expect(Packet.Suback.class);
            client.send(Packets.subscribe(2, 8, Packets.subscription("a/#", Qos.AT_MOST_ONCE)));
            client.expect(Packet.Suback.class);
            client.publish("a/b", "own", Qos.AT_MOST_ONCE, 0);

            Packet.Publish publish = client.expect(Packet.Publish.class);
            assertThat(publish.subscriptionIds()).containsExactly(8);
            client.expectNothing();
        }
    }

    @Test
    @Statement("MQTT-3.8.3-4")
    void noLocal_onASharedSubscription_isAProtocolError() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.send(Packets.subscribe(
                    1,
                    new Subscription(
                            TopicFilter.of("$share/g/a"), Qos.AT_LEAST_ONCE, true, false, RetainHandling.SEND)));

            client.expectDisconnect(ReasonCode.PROTOCOL_ERROR);
        }
    }

    @Test
    @Statement({"MQTT-3.3.1-12", "MQTT-3.3.1-13"})
    void retainAsPublished_keepsTheFlag() throws IOException {
        try (RawClient keeping = gateway.connected("keeping");
                RawClient plain = gateway.connected("plain");
                RawClient publisher = gateway.connected("publisher")) {
            keeping.send(Packets.subscribe(
                    1, new Subscription(TopicFilter.of("a"), Qos.AT_LEAST_ONCE, false, true, RetainHandling.SEND)));
            keeping.expect(Packet.Suback.class);
            plain.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            publisher.send(Packets.publish(Packets.retained("a", "x", Qos.AT_MOST_ONCE), 0));
            publisher.publish("a", "y", Qos.AT_LEAST_ONCE, 1);

            assertThat(retain(keeping)).isTrue();
            assertThat(retain(keeping)).isFalse();
            assertThat(retain(plain)).isFalse();
            assertThat(retain(plain)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.7.2-1", "MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-4"})
    void reservedTopics_areNotMatchedByALeadingWildcard(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version);
                RawClient publisher = gateway.connected("publisher", version)) {
            client.subscribe(1, "#", Qos.AT_MOST_ONCE);
            client.subscribe(2, "+/monitor", Qos.AT_MOST_ONCE);
            publisher.publish("$plant/monitor", "1", Qos.AT_MOST_ONCE, 0);
            publisher.expectNothing();
            client.expectNothing();

            client.subscribe(3, "$plant/#", Qos.AT_MOST_ONCE);
            publisher.publish("$plant/monitor", "2", Qos.AT_MOST_ONCE, 0);
            publisher.publish("/monitor", "3", Qos.AT_MOST_ONCE, 0);
            assertThat(text(client)).isEqualTo("2");
            assertThat(text(client)).isEqualTo("3");
            client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    void subscriptions_beyondTheLimit_areRefusedAndOthersGoOn(ProtocolVersion version) throws IOException {
        gateway.restart(limits -> Limits.subscriptions(limits, 3));
        try (RawClient client = gateway.connected("client", version)) {
            client.send(Packets.subscribe(
                    1,
                    Packets.subscription("a", Qos.AT_MOST_ONCE),
                    Packets.subscription("b", Qos.AT_MOST_ONCE),
                    Packets.subscription("c", Qos.AT_MOST_ONCE),
                    Packets.subscription("d", Qos.AT_MOST_ONCE),
                    Packets.subscription("a", Qos.AT_LEAST_ONCE)));

            assertThat(client.expect(Packet.Suback.class).reasons())
                    .containsExactly(
                            ReasonCode.SUCCESS,
                            ReasonCode.SUCCESS,
                            ReasonCode.SUCCESS,
                            version == ProtocolVersion.MQTT_5
                                    ? ReasonCode.QUOTA_EXCEEDED
                                    : ReasonCode.UNSPECIFIED_ERROR,
                            ReasonCode.GRANTED_QOS_1);
            client.send(Packets.unsubscribe(2, "b"));
            client.expect(Packet.Unsuback.class);
            client.subscribe(3, "d", Qos.AT_MOST_ONCE);
        }
    }

    @Test
    void subscriptions_ofAllSessionsBeyondTheLimit_areRefusedUntilSomeEnd() throws IOException {
        gateway.restart(limits -> Limits.allSubscriptions(limits, 3));
        try (RawClient one = gateway.connected("one");
                RawClient two = gateway.durable("two", ProtocolVersion.MQTT_5, false)) {
            one.subscribe(1, "a", Qos.AT_MOST_ONCE);
            one.subscribe(2, "$share/g/b", Qos.AT_MOST_ONCE);
            two.subscribe(1, "a", Qos.AT_MOST_ONCE);
            two.sendSubscribe(2, "b", Qos.AT_MOST_ONCE);
            assertThat(two.expect(Packet.Suback.class).reasons()).containsExactly(ReasonCode.QUOTA_EXCEEDED);
            one.send(Packets.disconnect(ReasonCode.SUCCESS));
            one.expectClosed();
            two.subscribe(3, "b", Qos.AT_MOST_ONCE);
            two.subscribe(4, "c", Qos.AT_MOST_ONCE);
        }
        gateway.restart();
        try (RawClient two = gateway.durable("two", ProtocolVersion.MQTT_5, true)) {
            two.sendSubscribe(2, "d", Qos.AT_MOST_ONCE);
            assertThat(two.expect(Packet.Suback.class).reasons()).containsExactly(ReasonCode.QUOTA_EXCEEDED);
        }
    }

    private static String text(RawClient client) throws IOException {
        return client.expect(Packet.Publish.class).message().payload().text();
    }

    private static boolean retain(RawClient client) throws IOException {
        return client.expect(Packet.Publish.class).message().retain();
    }
}
