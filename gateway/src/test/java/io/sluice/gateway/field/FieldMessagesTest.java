// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.device.DeviceSettings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines of a real TCP peer, on their way through the gateway to a client. */
@Tag("wire")
@Timeout(60)
final class FieldMessagesTest {

    @Test
    void textLine_deviceWithPlainTopic_isOneMessage() throws IOException {
        assertThat(messagesOf("scale", new DeviceSettings.Decoding.Text(), "sensors/scale", "12.5 kg\n", 1))
                .containsExactly("sensors/scale 12.5 kg");
    }

    @Test
    void csvLine_topicWithField_isOneMessageForEachValue() throws IOException {
        assertThat(messagesOf("boiler", csv(), "sensors/boiler/{field}", "81.5,2.1\n", 2))
                .containsExactly("sensors/boiler/temperature 81.5", "sensors/boiler/pressure 2.1");
    }

    @Test
    void csvLine_topicWithoutField_isOneJsonObject() throws IOException {
        assertThat(messagesOf("boiler", csv(), "sensors/boiler", "81.5,high\n", 1))
                .containsExactly("sensors/boiler {\"temperature\":81.5,\"pressure\":\"high\"}");
    }

    /** More lines than may be under way, on a disk that does not force: the device is held back and nothing is lost. */
    @Test
    void manyLines_journalThatHangs_arriveInOrderAfterwards() throws IOException {
        int lines = 3 * FieldMessages.UNDER_WAY_MAX;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append(i).append('\n');
        }
        FaultDisk disk = new FaultDisk();
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningGateway gateway = RunningGateway.start(
                        disk, settings("scale", new DeviceSettings.Decoding.Text(), "sensors/scale", peer));
                RawClient client = RawClient.durable(gateway.port(), "client")) {
            client.subscribe(1, "sensors/#", Qos.AT_LEAST_ONCE);
            disk.holdForces();
            try (Socket device = peer.accept()) {
                device.getOutputStream().write(text.toString().getBytes(StandardCharsets.US_ASCII));
                disk.awaitHeldForce();
                disk.releaseForces();
                for (int i = 0; i < lines; i++) {
                    Packet.Publish publish = client.expect(Packet.Publish.class);
                    assertThat(publish.message().payload().text()).isEqualTo(String.valueOf(i));
                    client.puback(publish.packetId());
                }
            }
        }
    }

    private static List<String> messagesOf(
            String name, DeviceSettings.Decoding decoding, String topic, String line, int count) throws IOException {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RunningGateway gateway = RunningGateway.start(new FaultDisk(), settings(name, decoding, topic, peer));
                RawClient client = RawClient.connected(gateway.port(), "client")) {
            client.subscribe(1, "sensors/#", Qos.AT_LEAST_ONCE);
            try (Socket device = peer.accept()) {
                device.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
                return java.util.stream.Stream.generate(() -> next(client))
                        .limit(count)
                        .toList();
            }
        }
    }

    private static String next(RawClient client) {
        try {
            Packet.Publish publish = client.expect(Packet.Publish.class);
            client.puback(publish.packetId());
            return publish.message().topic() + " " + publish.message().payload().text();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static DeviceSettings.Decoding csv() {
        return new DeviceSettings.Decoding.Csv(List.of("temperature", "pressure"), ',');
    }

    private static Settings settings(String name, DeviceSettings.Decoding decoding, String topic, ServerSocket peer) {
        Settings plain = RunningGateway.settings(List.of());
        DeviceSettings device = new DeviceSettings(
                name,
                new DeviceSettings.Link.Tcp("127.0.0.1", peer.getLocalPort()),
                new DeviceSettings.Framing.Line(4_096),
                decoding);
        return new Settings(
                plain.gatewayId(),
                plain.data(),
                plain.limits(),
                plain.mqtt(),
                plain.listeners(),
                plain.access(),
                List.of(new Settings.Device(device, topic, Qos.AT_LEAST_ONCE, false)),
                plain.bridges());
    }
}
