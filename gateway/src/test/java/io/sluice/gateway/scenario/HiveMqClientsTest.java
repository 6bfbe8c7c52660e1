// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.sluice.gateway.RunningGateway;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A client library of somebody else's, in both versions at once, through the gateway. */
@Tag("wire")
final class HiveMqClientsTest {

    private static final long PATIENCE_SECONDS = 20;

    private final RunningGateway gateway = RunningGateway.start();
    private final Mqtt3BlockingClient older = Mqtt3Client.builder()
            .identifier("older")
            .serverHost("127.0.0.1")
            .serverPort(gateway.port())
            .buildBlocking();
    private final Mqtt5BlockingClient newer = Mqtt5Client.builder()
            .identifier("newer")
            .serverHost("127.0.0.1")
            .serverPort(gateway.port())
            .buildBlocking();

    @BeforeEach
    void connect() {
        older.connect();
        newer.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3_600)
                .restrictions()
                .receiveMaximum(100) // the library itself drops QoS 0 beyond twice that
                .applyRestrictions()
                .send();
    }

    @AfterEach
    void close() {
        older.disconnect();
        newer.disconnect();
        gateway.close();
    }

    @Test
    void olderToNewer_eachQos_arrives() throws InterruptedException {
        try (Mqtt5BlockingClient.Mqtt5Publishes publishes = newer.publishes(MqttGlobalPublishFilter.ALL)) {
            for (MqttQos subscribed : MqttQos.values()) {
                for (MqttQos published : MqttQos.values()) {
                    String topic = "up/" + subscribed.getCode() + "/" + published.getCode();
                    newer.subscribeWith().topicFilter(topic).qos(subscribed).send();
                    for (int i = 0; i < 30; i++) {
                        older.publishWith()
                                .topic(topic)
                                .qos(published)
                                .payload(String.valueOf(i).getBytes())
                                .send();
                    }
                    for (int i = 0; i < 30; i++) {
                        Optional<Mqtt5Publish> got = publishes.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
                        assertThat(got).isPresent();
                        assertThat(got.get().getTopic()).hasToString(topic);
                        assertThat(new String(got.get().getPayloadAsBytes())).isEqualTo(String.valueOf(i));
                        assertThat(got.get().getQos()).isEqualTo(lower(subscribed, published));
                    }
                }
            }
        }
    }

    @Test
    void newerToOlder_eachQos_arrives() throws InterruptedException {
        try (Mqtt3BlockingClient.Mqtt3Publishes publishes = older.publishes(MqttGlobalPublishFilter.ALL)) {
            for (MqttQos subscribed : MqttQos.values()) {
                for (MqttQos published : MqttQos.values()) {
                    String topic = "down/" + subscribed.getCode() + "/" + published.getCode();
                    older.subscribeWith().topicFilter(topic).qos(subscribed).send();
                    for (int i = 0; i < 30; i++) {
                        newer.publishWith()
                                .topic(topic)
                                .qos(published)
                                .payload(String.valueOf(i).getBytes())
                                .userProperties()
                                .add("name", "value")
                                .applyUserProperties()
                                .send();
                    }
                    for (int i = 0; i < 30; i++) {
                        Optional<Mqtt3Publish> got = publishes.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
                        assertThat(got).isPresent();
                        assertThat(got.get().getTopic()).hasToString(topic);
                        assertThat(new String(got.get().getPayloadAsBytes())).isEqualTo(String.valueOf(i));
                        assertThat(got.get().getQos()).isEqualTo(lower(subscribed, published));
                    }
                }
            }
        }
    }

    @Test
    void newer_reconnecting_findsItsSessionAndWhatWasPublishedMeanwhile() throws InterruptedException {
        newer.subscribeWith().topicFilter("a").qos(MqttQos.EXACTLY_ONCE).send();
        newer.disconnect();
        for (MqttQos qos : new MqttQos[] {MqttQos.AT_LEAST_ONCE, MqttQos.EXACTLY_ONCE}) {
            older.publishWith().topic("a").qos(qos).send();
        }
        try (Mqtt5BlockingClient.Mqtt5Publishes publishes = newer.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(newer.connectWith()
                            .cleanStart(false)
                            .sessionExpiryInterval(60)
                            .send()
                            .isSessionPresent())
                    .isTrue();
            assertThat(publishes.receive(PATIENCE_SECONDS, TimeUnit.SECONDS)).isPresent();
            assertThat(publishes.receive(PATIENCE_SECONDS, TimeUnit.SECONDS)).isPresent();
        }
    }

    private static MqttQos lower(MqttQos one, MqttQos other) {
        return one.getCode() < other.getCode() ? one : other;
    }
}
