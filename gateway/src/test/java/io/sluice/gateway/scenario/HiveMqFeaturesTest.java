// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static io.sluice.gateway.scenario.HiveMqClients.next;
import static io.sluice.gateway.scenario.HiveMqClients.publish;
import static io.sluice.gateway.scenario.HiveMqClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import io.sluice.gateway.RunningGateway;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What MQTT 5 has for messages and subscriptions, each seen by a client library of somebody else's. */
@Tag("wire")
@Timeout(60)
final class HiveMqFeaturesTest {

    private final RunningGateway gateway = RunningGateway.start();
    private final HiveMqClients clients = new HiveMqClients(gateway);

    @AfterEach
    void close() {
        clients.close();
        gateway.close();
    }

    @Test
    void messageExpiry_acrossARestart_countsDown() throws InterruptedException {
        Mqtt5BlockingClient away = clients.client("away");
        away.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send();
        away.subscribeWith().topicFilter("a/#").qos(MqttQos.AT_LEAST_ONCE).send();
        away.disconnect();
        Mqtt5BlockingClient publisher = clients.connected("publisher");
        for (int expiry : new int[] {50, 200}) {
            publisher
                    .publishWith()
                    .topic("a/" + expiry)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(new byte[] {1}) // without one it would delete what is retained
                    .messageExpiryInterval(expiry)
                    .retain(true)
                    .send();
        }
        gateway.restartAfter(Duration.ofSeconds(100));
        Mqtt5BlockingClient back = clients.client("away");
        try (Mqtt5Publishes publishes = back.publishes(MqttGlobalPublishFilter.ALL)) {
            back.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send();
            Mqtt5Publish kept = next(publishes);
            assertThat(kept.getTopic()).hasToString("a/200");
            assertThat(kept.getMessageExpiryInterval().orElseThrow()).isBetween(1L, 110L);
            back.subscribeWith().topicFilter("a/#").qos(MqttQos.AT_MOST_ONCE).send();
            Mqtt5Publish retained = next(publishes);
            assertThat(retained.isRetain()).isTrue();
            assertThat(retained.getTopic()).hasToString("a/200");
            assertThat(retained.getMessageExpiryInterval().orElseThrow()).isBetween(1L, 110L);
            assertThat(publishes.receiveNow()).isEmpty();
        }
    }

    @Test
    void publish_everyProperty_isForwarded() throws InterruptedException {
        Mqtt5BlockingClient client = clients.connected("client");
        try (Mqtt5Publishes publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("a").qos(MqttQos.EXACTLY_ONCE).send();
            client.publishWith()
                    .topic("a")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("text".getBytes(StandardCharsets.UTF_8))
                    .payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
                    .contentType("text/plain")
                    .responseTopic("answers")
                    .correlationData(new byte[] {1, 2, 3})
                    .userProperties()
                    .add("b", "1")
                    .add("a", "2")
                    .add("b", "1")
                    .applyUserProperties()
                    .send();
            Mqtt5Publish publish = next(publishes);
            assertThat(publish.getPayloadFormatIndicator()).contains(Mqtt5PayloadFormatIndicator.UTF_8);
            assertThat(publish.getContentType())
                    .hasValueSatisfying(type -> assertThat(type).hasToString("text/plain"));
            assertThat(publish.getResponseTopic())
                    .hasValueSatisfying(topic -> assertThat(topic).hasToString("answers"));
            assertThat(publish.getCorrelationData().orElseThrow().remaining()).isEqualTo(3);
            assertThat(publish.getUserProperties().asList().stream()
                            .map(property -> property.getName() + "=" + property.getValue()))
                    .containsExactly("b=1", "a=2", "b=1");
        }
    }

    @Test
    void sharedSubscription_twoMembers_haveHalfEach() throws InterruptedException {
        Mqtt5BlockingClient one = clients.connected("one");
        Mqtt5BlockingClient two = clients.connected("two");
        Mqtt5BlockingClient publisher = clients.connected("publisher");
        try (Mqtt5Publishes toOne = one.publishes(MqttGlobalPublishFilter.ALL);
                Mqtt5Publishes toTwo = two.publishes(MqttGlobalPublishFilter.ALL)) {
            one.subscribeWith()
                    .topicFilter("$share/g/a/+")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
            two.subscribeWith()
                    .topicFilter("$share/g/a/+")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
            for (int i = 0; i < 20; i++) {
                publish(publisher, "a/b", "" + i, MqttQos.EXACTLY_ONCE);
            }
            List<String> got = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                got.add(text(next(toOne)));
                got.add(text(next(toTwo)));
            }
            assertThat(got).hasSize(20).doesNotHaveDuplicates();
        }
    }

    @Test
    void subscriptionOptions_noLocalAndRetain_areKept() throws InterruptedException {
        Mqtt5BlockingClient client = clients.connected("client");
        client.publishWith()
                .topic("a")
                .payload("kept".getBytes(StandardCharsets.UTF_8))
                .retain(true)
                .send();
        try (Mqtt5Publishes publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("a")
                    .noLocal(true)
                    .retainAsPublished(true)
                    .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
                    .send();
            assertThat(text(next(publishes))).isEqualTo("kept");
            client.subscribeWith()
                    .topicFilter("a")
                    .noLocal(true)
                    .retainAsPublished(true)
                    .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
                    .send();
            publish(client, "a", "own", MqttQos.AT_LEAST_ONCE);
            clients.connected("other")
                    .publishWith()
                    .topic("a")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .send();
            Mqtt5Publish other = next(publishes);
            assertThat(other.getPayloadAsBytes()).isEmpty();
            assertThat(other.isRetain()).isTrue();
        }
    }

    @Test
    void topicAliases_bothWays_standForTheirTopics() throws InterruptedException {
        Mqtt5BlockingClient client = clients.client("client");
        Mqtt5ConnAck connAck = client.connectWith()
                .restrictions()
                .topicAliasMaximum(3)
                .sendTopicAliasMaximum(16)
                .applyRestrictions()
                .send();
        assertThat(connAck.getRestrictions().getTopicAliasMaximum()).isEqualTo(16);
        try (Mqtt5Publishes publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("some/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            for (int i = 0; i < 60; i++) {
                publish(client, "some/long/topic/" + i % 6, "" + i, MqttQos.AT_LEAST_ONCE);
                Mqtt5Publish publish = next(publishes);
                assertThat(publish.getTopic()).hasToString("some/long/topic/" + i % 6);
                assertThat(text(publish)).isEqualTo("" + i);
            }
        }
    }

    @Test
    void receiveMaximum_ofTheClient_isKept() throws InterruptedException {
        Mqtt5BlockingClient slow = clients.client("slow");
        try (Mqtt5Publishes publishes = slow.publishes(MqttGlobalPublishFilter.ALL, true)) {
            slow.connectWith()
                    .restrictions()
                    .receiveMaximum(2)
                    .applyRestrictions()
                    .send();
            slow.subscribeWith().topicFilter("a").qos(MqttQos.AT_LEAST_ONCE).send();
            Mqtt5BlockingClient publisher = clients.connected("publisher");
            for (int i = 1; i <= 3; i++) {
                publish(publisher, "a", "message " + i, MqttQos.AT_LEAST_ONCE);
            }
            Mqtt5Publish first = next(publishes);
            assertThat(text(next(publishes))).isEqualTo("message 2");
            slow.subscribeWith().topicFilter("b").send(); // whatever was sent before its answer is here
            assertThat(publishes.receiveNow()).isEmpty();
            first.acknowledge();
            assertThat(text(next(publishes))).isEqualTo("message 3");
        }
    }

    @Test
    void maximumPacketSize_ofTheClient_isKept() throws InterruptedException {
        Mqtt5BlockingClient small = clients.client("small");
        try (Mqtt5Publishes publishes = small.publishes(MqttGlobalPublishFilter.ALL)) {
            small.connectWith()
                    .restrictions()
                    .maximumPacketSize(100)
                    .applyRestrictions()
                    .send();
            small.subscribeWith().topicFilter("a").qos(MqttQos.AT_LEAST_ONCE).send();
            publish(small, "a", "x".repeat(100), MqttQos.AT_LEAST_ONCE);
            publish(small, "a", "fits", MqttQos.AT_LEAST_ONCE);
            assertThat(text(next(publishes))).isEqualTo("fits");
        }
    }
}
