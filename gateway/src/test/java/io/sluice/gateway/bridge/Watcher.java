// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A client at the far end, which is not ours: writes down what arrives, and publishes. */
final class Watcher implements AutoCloseable {

    private final List<Mqtt5Publish> arrived = Collections.synchronizedList(new ArrayList<>());
    private final Mqtt5BlockingClient client;

    Watcher(int port, String filter) {
        client = MqttClient.builder()
                .useMqttVersion5()
                .identifier("watcher")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
        client.connect();
        client.toAsync().publishes(MqttGlobalPublishFilter.ALL, arrived::add);
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    List<Mqtt5Publish> arrived() {
        synchronized (arrived) {
            return List.copyOf(arrived);
        }
    }

    /** The payloads in the order of arrival, as text. */
    List<String> payloads() {
        return arrived().stream()
                .map(publish -> new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8))
                .toList();
    }

    void publish(String topic, String payload) {
        send(Mqtt5Publish.builder()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .build());
    }

    void send(Mqtt5Publish publish) {
        client.publish(publish);
    }

    @Override
    public void close() {
        client.disconnect();
    }
}
