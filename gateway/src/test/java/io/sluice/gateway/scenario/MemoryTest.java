// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program with the memory that it gets by default, against clients that together want far more: it lives, and serves the others. */
@Tag("process")
@Timeout(240)
final class MemoryTest {

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            mqtt: {sys-interval: 1s}
            listeners: {local: {port: PORT}}
            """;

    private final GatewayProcess gateway = GatewayProcess.startWithHeap("64m", YAML);
    private final List<RawClient> hostile = new ArrayList<>();
    private RawClient witness;
    private long pid;

    @BeforeEach
    void open() throws IOException {
        pid = gateway.pid();
        witness = RawClient.connected(gateway.port(), "witness");
        witness.subscribe(1, "witness", Qos.AT_LEAST_ONCE);
    }

    @AfterEach
    void close() {
        hostile.forEach(RawClient::close);
        witness.close();
        gateway.close();
    }

    private RawClient attack(RawClient client) {
        hostile.add(client);
        return client;
    }

    private RawClient deaf(int number) throws IOException {
        RawClient client = number % 2 == 0
                ? RawClient.connected(gateway.port(), "deaf " + number)
                : RawClient.durable(gateway.port(), "deaf " + number);
        return attack(client);
    }

    @Test
    void subscribers_thatStopReading_whileOthersPublishLargeMessages() throws IOException {
        Qos[] levels = Qos.values();
        for (int i = 0; i < 200; i++) {
            deaf(i).subscribe(1, i % 4 == 0 ? "large/#" : "large/" + i % 16, levels[i % 3]);
        }
        String payload = "x".repeat(64 << 10);
        int window = 8;
        try (RawClient publisher = RawClient.connected(gateway.port(), "publisher")) {
            for (int i = 0; i < 3_000; i++) {
                publisher.publish("large/" + i % 16, payload, Qos.AT_LEAST_ONCE, 1 + i % window);
                if (i % window == window - 1) {
                    for (int j = 0; j < window; j++) {
                        publisher.expect(Packet.Puback.class);
                    }
                    witnessed();
                }
            }
        }
        assertExhausted("outboxes", "sockets");
    }

    @Test
    void packets_thatNeverEnd_fromAThousandConnections() throws IOException {
        byte[] part = new byte[900 << 10];
        for (int i = 0; i < 1_000; i++) {
            RawClient client = attack(RawClient.connected(gateway.port(), "partial " + i));
            try {
                client.sendHex("30 80 80 3f"); // nearly a MiB follows
                client.sendBytes(part);
            } catch (UncheckedIOException | IOException closed) {
                continue;
            }
            if (i % 50 == 0) {
                witnessed();
            }
        }
        assertExhausted("sockets");
    }

    @Test
    void answers_thatNobodyReads() throws IOException {
        byte[] pings = new byte[128 << 10];
        for (int i = 0; i < pings.length; i += 2) {
            pings[i] = (byte) 0xC0;
        }
        for (int i = 0; i < 100; i++) {
            RawClient client = attack(RawClient.connected(gateway.port(), "pinging " + i));
            try {
                for (int j = 0; j < 60; j++) {
                    client.sendBytes(pings);
                }
            } catch (UncheckedIOException | IOException closed) {
                continue;
            }
            witnessed();
        }
        assertExhausted("sockets");
    }

    @Test
    void sessions_withLongNamesWillsAndSubscriptions() throws IOException {
        String name = "n".repeat(1_000);
        String will = "w".repeat(20_000);
        String level = "/" + "s".repeat(200);
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            RawClient client = attack(RawClient.open(gateway.port(), ProtocolVersion.MQTT_5));
            client.send(Packets.withWill(
                    Packets.connect(ProtocolVersion.MQTT_5, name + i),
                    Packets.message("wills", will, Qos.AT_MOST_ONCE),
                    0));
            if (client.expect(Packet.Connack.class).reason() == ReasonCode.SUCCESS) {
                for (int j = 0; j < 20; j++) {
                    client.sendSubscribe(1, i + level + j, Qos.AT_LEAST_ONCE);
                    client.expect(Packet.Suback.class);
                }
            } else {
                refused++;
                client.close();
            }
        }
        assertThat(refused).isPositive();
        hostile.forEach(RawClient::close); // and all their wills
        witnessed();
        assertExhausted("state");
    }

    @Test
    void retained_messagesWithoutEnd() throws IOException {
        String payload = "r".repeat(4_000);
        ReasonCode last = ReasonCode.SUCCESS;
        for (int i = 0; i < 10_000; i++) {
            witness.send(Packets.publish(Packets.retained("retained/" + i, payload, Qos.AT_LEAST_ONCE), 1));
            last = witness.expect(Packet.Puback.class).reason();
        }
        assertThat(last).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        for (int i = 0; i < 200; i++) {
            deaf(i).sendSubscribe(1, "retained/#", Qos.AT_LEAST_ONCE);
        }
        witnessed();
    }

    /** The gateway still serves a client that does nothing wrong. */
    private void witnessed() throws IOException {
        witness.publish("witness", "here", Qos.AT_LEAST_ONCE, 1);
        boolean acknowledged = false;
        boolean delivered = false;
        while (!acknowledged || !delivered) {
            switch (witness.next()) {
                case Packet.Puback ignored -> acknowledged = true;
                case Packet.Publish publish -> {
                    delivered = true;
                    witness.puback(publish.packetId());
                }
                case Packet other -> throw new AssertionError(other);
            }
        }
        assertThat(gateway.pid()).isEqualTo(pid);
    }

    /** It says in its statistics what was short. */
    private void assertExhausted(String... budgets) throws IOException {
        witnessed();
        for (String budget : budgets) {
            try (RawClient reader = RawClient.connected(gateway.port(), "reader")) {
                reader.subscribe(1, "$SYS/broker/memory/" + budget + "/exhausted", Qos.AT_MOST_ONCE);
                long exhausted = 0;
                while (exhausted == 0) {
                    exhausted = Long.parseLong(reader.expect(Packet.Publish.class)
                            .message()
                            .payload()
                            .text());
                }
            }
        }
    }
}
