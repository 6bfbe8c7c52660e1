// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.config.Settings;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.FaultDisk.Leaves;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.rules.Renaming;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The whole gateway, from socket to socket, on a disk that loses what was not forced. At every acknowledgement that is seen on the
 * wire the disk is looked at as a power cut would leave it, and a gateway that starts from there must have everything that was
 * acknowledged until then: for a durable session, for the upstream broker, as retained messages and as QoS 2 identifiers.
 */
@Tag("wire")
@Timeout(120)
final class FaultLayerTest {

    private static final int MESSAGES = 21;
    private static final int DEAD_PORT = 1;

    /** What a client had been told at one moment, and the disk that a power cut would have left then. */
    private record Moment(FaultDisk disk, Set<String> acknowledged, Set<String> retained, int openQos2) {}

    @ParameterizedTest
    @FieldSource("io.sluice.gateway.RunningGateway#SYNCS")
    void everythingAcknowledged_powerCutAtAnyAcknowledgement_isThereAfterwards(Settings.Sync sync) throws IOException {
        List<Moment> moments = publishOn(new FaultDisk(), sync);
        assertThat(moments).hasSizeGreaterThan(MESSAGES);
        for (Moment moment : moments) {
            assertThatAllIsThere(moment);
        }
    }

    /** The test of the test: a disk whose force does nothing must be found out. */
    @Test
    void lyingForce_powerCut_isFoundOut() throws IOException {
        FaultDisk disk = new FaultDisk();
        disk.lie();
        List<Moment> moments = publishOn(disk, RunningGateway.SYNC);
        assertThatThrownBy(() -> assertThatAllIsThere(moments.getLast())).isInstanceOf(AssertionError.class);
    }

    @Test
    void forceThatHangs_meanwhile_pingsAreAnsweredAndNothingIsAcknowledged() throws Exception {
        FaultDisk disk = new FaultDisk();
        try (RunningGateway gateway = RunningGateway.start(disk, settings(DEAD_PORT));
                RawClient idle = RawClient.connected(gateway.port(), "idle");
                RawClient publisher = RawClient.connected(gateway.port(), "publisher")) {
            disk.holdForces();
            publisher.publish("t/1", "held", Qos.AT_LEAST_ONCE, 1);
            disk.awaitHeldForce();
            idle.send(new Packet.Pingreq());
            idle.expect(Packet.Pingresp.class);
            publisher.send(new Packet.Pingreq());
            publisher.expect(Packet.Pingresp.class); // and no PUBACK before it
            disk.releaseForces();
            publisher.expect(Packet.Puback.class);
        }
    }

    /** Publishes with QoS 1 and 2 and retained, and keeps what each acknowledgement promised. */
    private static List<Moment> publishOn(FaultDisk disk, Settings.Sync sync) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        List<Moment> moments = new ArrayList<>();
        Set<String> acknowledged = new TreeSet<>();
        Set<String> retained = new TreeSet<>();
        Settings settings = RunningGateway.delayed(settings(DEAD_PORT), sync);
        try (RunningGateway gateway = RunningGateway.start(disk, settings)) {
            try (RawClient subscriber = RawClient.durable(gateway.port(), "subscriber")) {
                subscriber.subscribe(1, "t/#", Qos.EXACTLY_ONCE);
                subscriber.disconnect();
            }
            try (RawClient publisher = RawClient.durable(gateway.port(), "publisher")) {
                for (int i = 1; i <= MESSAGES; i++) {
                    String name = "m" + i;
                    Leaves leaves = i % 4 == 3 ? Leaves.BLOCKS : i % 4 == 2 ? Leaves.TORN : Leaves.NOTHING;
                    switch (i % 3) {
                        case 0 -> {
                            publisher.publish("t/" + name, name, Qos.EXACTLY_ONCE, i);
                            publisher.expect(Packet.Pubrec.class);
                            acknowledged.add(name);
                            moments.add(moment(disk, leaves, random, acknowledged, retained, i));
                            publisher.send(new Packet.Pubrel(i, ReasonCode.SUCCESS, Packet.Explanation.NONE));
                            publisher.expect(Packet.Pubcomp.class);
                        }
                        case 1 -> {
                            publisher.publish("t/" + name, name, Qos.AT_LEAST_ONCE, i);
                            publisher.expect(Packet.Puback.class);
                            acknowledged.add(name);
                        }
                        default -> {
                            publisher.send(new Packet.Publish(retained("r/" + name, name), i, false, List.of()));
                            publisher.expect(Packet.Puback.class);
                            retained.add(name);
                        }
                    }
                    moments.add(moment(disk, leaves, random, acknowledged, retained, 0));
                }
            }
        }
        return moments;
    }

    private static Moment moment(
            FaultDisk disk,
            Leaves leaves,
            SplittableRandom random,
            Set<String> acknowledged,
            Set<String> retained,
            int openQos2) {
        return new Moment(
                disk.afterCrash(leaves, random), new TreeSet<>(acknowledged), new TreeSet<>(retained), openQos2);
    }

    private static void assertThatAllIsThere(Moment moment) throws IOException {
        try (RunningGateway upstream = RunningGateway.start(new FaultDisk(), settings(DEAD_PORT));
                RawClient cloud = RawClient.connected(upstream.port(), "cloud")) {
            cloud.subscribe(1, "site/#", Qos.AT_LEAST_ONCE);
            try (RunningGateway gateway = RunningGateway.start(moment.disk(), settings(upstream.port()))) {
                if (moment.openQos2() != 0) {
                    finishQos2(gateway, moment.openQos2());
                }
                assertThat(take(durable(gateway, "subscriber"), moment.acknowledged()))
                        .isEqualTo(moment.acknowledged());
                assertThat(take(retainedReader(gateway), moment.retained())).isEqualTo(moment.retained());
                assertThat(take(cloud, moment.acknowledged())).isEqualTo(moment.acknowledged());
            }
        }
    }

    /** The client repeats what it has no PUBCOMP for: it must be known, and not be delivered twice. */
    private static void finishQos2(RunningGateway gateway, int packetId) throws IOException {
        try (RawClient publisher = durable(gateway, "publisher")) {
            String name = "m" + packetId;
            Message again = message("t/" + name, name, Qos.EXACTLY_ONCE, false);
            publisher.send(new Packet.Publish(again, packetId, true, List.of()));
            publisher.expect(Packet.Pubrec.class);
            publisher.send(new Packet.Pubrel(packetId, ReasonCode.SUCCESS, Packet.Explanation.NONE));
            assertThat(publisher.expect(Packet.Pubcomp.class).reason()).isEqualTo(ReasonCode.SUCCESS);
        }
    }

    private static RawClient durable(RunningGateway gateway, String clientId) throws IOException {
        RawClient client = RawClient.open(gateway.port(), ProtocolVersion.MQTT_5);
        assertThat(client.connect(clientId, false, 3_600).sessionPresent()).isTrue();
        return client;
    }

    private static RawClient retainedReader(RunningGateway gateway) throws IOException {
        RawClient reader = RawClient.connected(gateway.port(), "reader");
        reader.subscribe(1, "r/#", Qos.AT_LEAST_ONCE);
        return reader;
    }

    /** The payloads that come until all that are wanted were there, each QoS 2 one exactly once. */
    private static Set<String> take(RawClient client, Set<String> wanted) throws IOException {
        Set<String> taken = new TreeSet<>();
        while (!taken.containsAll(wanted)) {
            switch (client.next()) {
                case Packet.Publish publish
                when publish.message().qos() == Qos.EXACTLY_ONCE -> {
                    assertThat(taken.add(publish.message().payload().text())).isTrue();
                    client.send(new Packet.Pubrec(publish.packetId(), ReasonCode.SUCCESS, Packet.Explanation.NONE));
                }
                case Packet.Publish publish -> {
                    taken.add(publish.message().payload().text());
                    client.puback(publish.packetId());
                }
                case Packet.Pubrel pubrel ->
                    client.send(new Packet.Pubcomp(pubrel.packetId(), ReasonCode.SUCCESS, Packet.Explanation.NONE));
                case Packet other -> throw new AssertionError("not expected: " + other);
            }
        }
        return taken;
    }

    private static Message retained(String topic, String payload) {
        return message(topic, payload, Qos.AT_LEAST_ONCE, true);
    }

    private static Message message(String topic, String payload, Qos qos, boolean retain) {
        return Message.of(
                new TopicName(topic), qos, retain, MessageProperties.none(), Message.NEVER, 0, Payload.ofText(payload));
    }

    private static Settings settings(int upstreamPort) {
        TopicFilter from = TopicFilter.of("t/#");
        BridgeRule rule = new BridgeRule.Forward(
                "all",
                from,
                Renaming.of(from, TopicFilter.of("site/t/#")),
                Optional.of(Qos.AT_LEAST_ONCE),
                BridgeRule.Retain.KEEP,
                List.of());
        return RunningGateway.settings(List.of(RunningGateway.bridge("cloud", upstreamPort, List.of(rule))));
    }
}
