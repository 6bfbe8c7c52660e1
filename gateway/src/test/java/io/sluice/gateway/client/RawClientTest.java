// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tests' client against Mosquitto, so that it is known to be right before the gateway is judged with it. */
final class RawClientTest {

    private final Mosquitto broker = Mosquitto.start();

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void message_publishedWithQos1_reachesASubscriberOfEitherVersion() throws IOException {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            try (RawClient subscriber = RawClient.open(broker.port(), version);
                    RawClient publisher = RawClient.connected(broker.port(), "publisher")) {
                subscriber.connect("subscriber", true, 0);
                subscriber.subscribe(1, "a/#", Qos.AT_LEAST_ONCE);

                publisher.publish("a/b", "hello", Qos.AT_LEAST_ONCE, 7);

                assertThat(publisher.expect(Packet.Puback.class).packetId()).isEqualTo(7);
                Packet.Publish publish = subscriber.expect(Packet.Publish.class);
                assertThat(publish.message().topic().value()).isEqualTo("a/b");
                assertThat(publish.message().payload().length()).isEqualTo(5);
                subscriber.puback(publish.packetId());
                subscriber.expectNothing();
            }
        }
    }

    @Test
    void bytes_thatMeanNothing_endTheConnection() throws IOException {
        try (RawClient client = RawClient.open(broker.port(), ProtocolVersion.MQTT_5)) {
            client.sendHex("f0 00");

            client.expectClosed();
        }
    }

    @Test
    void packet_ofAnotherType_failsTheExpectation() throws IOException {
        try (RawClient client = RawClient.connected(broker.port(), "client")) {
            client.send(new Packet.Pingreq());

            assertThatThrownBy(() -> client.expect(Packet.Puback.class))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("Pingresp");
        }
    }

    @Test
    void session_durable_isThereAgain() throws IOException {
        try (RawClient client = RawClient.durable(broker.port(), "client")) {
            client.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            client.abort();
        }
        try (RawClient client = RawClient.open(broker.port(), ProtocolVersion.MQTT_5)) {
            assertThat(client.connect("client", false, 60).sessionPresent()).isTrue();
        }
    }
}
