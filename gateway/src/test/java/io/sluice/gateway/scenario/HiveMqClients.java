// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.sluice.gateway.RunningGateway;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** HiveMQ's clients of one gateway, which are disconnected at the end. */
final class HiveMqClients implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 20;

    private final RunningGateway gateway;
    private final List<Mqtt5BlockingClient> clients = new ArrayList<>();

    HiveMqClients(RunningGateway gateway) {
        this.gateway = gateway;
    }

    /** One that is not connected yet. */
    Mqtt5BlockingClient client(String id) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(gateway.port())
                .buildBlocking();
        clients.add(client);
        return client;
    }

    Mqtt5BlockingClient connected(String id) {
        Mqtt5BlockingClient client = client(id);
        client.connect();
        return client;
    }

    static void publish(Mqtt5BlockingClient client, String topic, String payload, MqttQos qos) {
        client.publishWith()
                .topic(topic)
                .qos(qos)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    static Mqtt5Publish next(Mqtt5Publishes publishes) throws InterruptedException {
        return publishes
                .receive(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .orElseThrow(() -> new AssertionError("nothing came in time"));
    }

    static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        for (Mqtt5BlockingClient client : clients) {
            if (client.getState().isConnected()) {
                client.disconnect();
            }
        }
    }
}
