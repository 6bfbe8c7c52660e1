// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.topic.Qos;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What waits in a shared subscription goes on when a member can take it again. */
@Tag("wire")
final class SharedFlowTest {

    private static final String SHARED = "$share/group/a/#";
    /** Together more than any socket's buffers hold. */
    private static final int LARGE_ONES = 40;

    private static final int LARGE_BYTES = 1_000_000;

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    /** A client that may have one QoS 1 delivery under way, and has it. */
    private RawClient withFullWindow(String clientId) throws IOException {
        RawClient client = gateway.open(ProtocolVersion.MQTT_5);
        client.connect(clientId, true, Packets.receiveMaximum(0, 1));
        client.subscribe(1, "window/" + clientId, Qos.AT_LEAST_ONCE);
        client.publish("window/" + clientId, "fills it", Qos.AT_LEAST_ONCE, 1);
        client.expect(Packet.Puback.class);
        client.expect(Packet.Publish.class);
        return client;
    }

    /** With QoS 0 only the socket counts, and no acknowledgement tells that it has room again. */
    @Test
    void messageThatWaits_memberWithQos0HasRoomInItsSocketAgain_reachesIt() throws IOException {
        try (RawClient slow = withFullWindow("slow");
                RawClient full = withFullWindow("full");
                RawClient publisher = gateway.connected("publisher")) {
            slow.subscribe(2, "large", Qos.AT_MOST_ONCE);
            slow.subscribe(3, SHARED, Qos.AT_MOST_ONCE);
            full.subscribe(2, SHARED, Qos.AT_LEAST_ONCE);
            Payload large = Payload.ofText("x".repeat(LARGE_BYTES));
            for (int i = 0; i < LARGE_ONES; i++) {
                publisher.publish("large", large, Qos.AT_MOST_ONCE, 0);
            }
            publisher.publish("a/b", "shared", Qos.AT_LEAST_ONCE, 1);
            publisher.expect(Packet.Puback.class);

            int read = 0;
            Packet.Publish publish = slow.expect(Packet.Publish.class);
            while (publish.message().topic().value().equals("large")) {
                read++;
                publish = slow.expect(Packet.Publish.class);
            }

            assertThat(read).as("large messages, of which some had no room").isLessThan(LARGE_ONES);
            assertThat(publish.message().payload().text()).isEqualTo("shared");
        }
    }
}
