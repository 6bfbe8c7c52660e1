// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that do not speak MQTT, on real lines that come and go, to a durable session. */
@Tag("process")
final class FieldTest {

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            devices:
              boiler:
                LINE
                framing: line
                decode: {csv: [temperature, pressure]}
                publish: {topic: "sensors/{device}/{field}", qos: 1}
            """;

    @TempDir
    Path dir;

    @Test
    void serialLine_unpluggedAndPluggedInAgain_goesOn() throws IOException {
        try (PseudoTerminal line = new PseudoTerminal(dir.resolve("tty"));
                GatewayProcess gateway = start("serial: " + line.path());
                RawClient subscriber = subscriber(gateway)) {
            gateway.awaitLogged("device boiler: broken, will be tried again: ", 1);
            line.plugIn();
            gateway.awaitLogged("device boiler: open: ", 1);
            line.write("21.5,1.01\n21.6,1.02\r\n");
            assertThat(take(subscriber, 4))
                    .containsExactly("temperature 21.5", "pressure 1.01", "temperature 21.6", "pressure 1.02");

            line.write("21.7,1.").unplug();
            gateway.awaitLogged("device boiler: broken, will be tried again: ", 2);
            line.plugIn();
            gateway.awaitLogged("device boiler: open: ", 2);
            line.write("22.1,1.11\n");

            assertThat(take(subscriber, 2)).containsExactly("temperature 22.1", "pressure 1.11");
            assertCalm(gateway);
        }
    }

    @Test
    void serialLine_readingsForAnAbsentSubscriber_surviveAKill() throws IOException {
        try (PseudoTerminal line = new PseudoTerminal(dir.resolve("tty")).plugIn();
                GatewayProcess gateway = start("serial: " + line.path())) {
            subscriber(gateway).disconnect();
            gateway.awaitLogged("device boiler: open: ", 1);
            try (RawClient witness = RawClient.connected(gateway.port(), "witness")) {
                witness.subscribe(1, "sensors/#", Qos.AT_LEAST_ONCE);
                line.write("21.5,1.01\n");
                take(witness, 2);
                // Durable before it is said: what follows is acknowledged after the readings are safe.
                witness.publish("sensors/last", "", Qos.AT_LEAST_ONCE, 7);
                takeUntilPuback(witness);
            }
            gateway.kill();
            gateway.restart();

            try (RawClient subscriber = RawClient.durable(gateway.port(), "subscriber")) {
                assertThat(take(subscriber, 3)).containsExactly("temperature 21.5", "pressure 1.01", "last ");
            }
        }
    }

    @Test
    void tcpDevice_missingVanishingAndBack_goesOn() throws IOException {
        try (TcpPeer peer = new TcpPeer();
                GatewayProcess gateway = start("tcp: \"127.0.0.1:" + peer.port() + "\"");
                RawClient subscriber = subscriber(gateway)) {
            gateway.awaitLogged("device boiler: broken, will be tried again: ", 1);
            peer.switchOn();
            peer.write("1,2\n3,4\n");
            assertThat(take(subscriber, 4))
                    .containsExactly("temperature 1", "pressure 2", "temperature 3", "pressure 4");

            peer.write("5,");
            peer.switchOff();
            gateway.awaitLogged("device boiler: broken, will be tried again: ", 2);
            peer.switchOn();
            peer.write("7,8\n");

            assertThat(take(subscriber, 2)).containsExactly("temperature 7", "pressure 8");
            assertCalm(gateway);
        }
    }

    private static GatewayProcess start(String line) {
        return GatewayProcess.start(YAML.replace("LINE", line));
    }

    private static RawClient subscriber(GatewayProcess gateway) throws IOException {
        RawClient client = RawClient.durable(gateway.port(), "subscriber");
        client.subscribe(1, "sensors/#", Qos.AT_LEAST_ONCE);
        return client;
    }

    /** The operator is told once each time that the device goes, and not for each attempt. */
    private static void assertCalm(GatewayProcess gateway) {
        assertThat(gateway.logged(" WARN ")).as(gateway.log()).isEqualTo(2);
        assertThat(gateway.logged(" ERROR ")).as(gateway.log()).isZero();
    }

    /** The last level of each topic, and the payload. */
    private static List<String> take(RawClient subscriber, int count) throws IOException {
        List<String> taken = new ArrayList<>();
        while (taken.size() < count) {
            taken.add(taken(subscriber, subscriber.expect(Packet.Publish.class)));
        }
        return taken;
    }

    private static void takeUntilPuback(RawClient client) throws IOException {
        while (true) {
            switch (client.next()) {
                case Packet.Publish publish -> taken(client, publish);
                case Packet.Puback puback -> {
                    return;
                }
                case Packet other -> throw new AssertionError("not expected: " + other);
            }
        }
    }

    private static String taken(RawClient subscriber, Packet.Publish publish) throws IOException {
        assertThat(publish.message().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        subscriber.puback(publish.packetId());
        String topic = publish.message().topic().value();
        return topic.substring(topic.lastIndexOf('/') + 1) + " "
                + publish.message().payload().text();
    }
}
