// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The statistics below $SYS/broker. */
@Tag("wire")
@Timeout(60)
final class SysTopicsTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    private static Settings.Mqtt every(Settings.Mqtt mqtt, Duration interval) {
        return new Settings.Mqtt(
                mqtt.maximumQos(),
                mqtt.retain(),
                mqtt.wildcardSubscriptions(),
                mqtt.subscriptionIdentifiers(),
                mqtt.sharedSubscriptions(),
                mqtt.topicAliases(),
                mqtt.checkPayloadFormat(),
                interval,
                mqtt.responseInformation(),
                mqtt.redirect());
    }

    @ParameterizedTest
    @EnumSource
    @Statement("MQTT-4.7.2-1")
    void statistics_areRetainedUnderTheCustomaryNamesAndHiddenFromWildcards(ProtocolVersion version)
            throws IOException {
        gateway.restartWith(mqtt -> every(mqtt, Duration.ofDays(1)));
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "#", Qos.AT_LEAST_ONCE);
            client.subscribe(2, "+/broker/#", Qos.AT_LEAST_ONCE);
            client.expectNothing();
            client.subscribe(3, "$SYS/#", Qos.AT_LEAST_ONCE);
            Map<String, String> values = new TreeMap<>();
            client.send(new Packet.Pingreq());
            Packet packet = client.next();
            while (packet instanceof Packet.Publish publish) {
                assertThat(publish.message().retain()).isTrue();
                values.put(
                        publish.message().topic().value().substring("$SYS/broker/".length()),
                        publish.message().payload().text());
                packet = client.next();
            }
            assertThat(values)
                    .containsKeys(
                            "version",
                            "uptime",
                            "clients/connected",
                            "clients/total",
                            "clients/maximum",
                            "clients/expired",
                            "messages/received",
                            "messages/sent",
                            "messages/stored",
                            "bytes/received",
                            "bytes/sent",
                            "publish/messages/received",
                            "publish/messages/dropped",
                            "publish/bytes/sent",
                            "retained messages/count",
                            "subscriptions/count",
                            "shared_subscriptions/count");
            assertThat(values.get("version")).startsWith("sluice ");
            assertThat(values.get("uptime")).matches("\\d+ seconds");
        }
    }

    @Test
    void statistics_followWhatHappens() throws IOException {
        gateway.restartWith(mqtt -> every(mqtt, Duration.ofSeconds(1)));
        try (RawClient client = gateway.connected("client");
                RawClient watching = gateway.connected("watching")) {
            client.subscribe(1, "a", Qos.AT_MOST_ONCE);
            client.publish("a", "12345", Qos.AT_MOST_ONCE, 0);
            client.expect(Packet.Publish.class);
            watching.subscribe(1, "$SYS/broker/#", Qos.AT_MOST_ONCE);
            await(watching, "clients/connected", "2");
            await(watching, "publish/bytes/received", "5");
            Packet.Publish load = publish(watching, "load/messages/received/1min");
            assertThat(load.message().payload().text()).matches("\\d+\\.\\d\\d");
        }
    }

    private static Packet.Publish publish(RawClient client, String name) throws IOException {
        while (true) {
            Packet packet = client.next(); // or the SUBACK of what is awaited
            if (packet instanceof Packet.Publish publish
                    && publish.message().topic().value().equals("$SYS/broker/" + name)) {
                return publish;
            }
        }
    }

    private static void await(RawClient client, String name, String value) throws IOException {
        client.sendSubscribe(2, "$SYS/broker/" + name, Qos.AT_MOST_ONCE);
        while (!publish(client, name).message().payload().text().equals(value)) {
            // the next one says how it has gone on
        }
    }

    @ParameterizedTest
    @EnumSource
    void clients_publishingThere_areRefused(ProtocolVersion version) throws IOException {
        try (RawClient client = gateway.connected("client", version)) {
            client.subscribe(1, "$SYS/#", Qos.AT_MOST_ONCE);
            client.publish("$SYS/broker/version", "mine", Qos.AT_MOST_ONCE, 0);
            client.publish("$SYS/broker/version", "mine", Qos.AT_LEAST_ONCE, 1);
            boolean five = version == ProtocolVersion.MQTT_5;
            assertThat(client.expect(Packet.Puback.class).reason())
                    .isEqualTo(five ? ReasonCode.NOT_AUTHORIZED : ReasonCode.SUCCESS);
            client.publish("$SYS/broker/version", "mine", Qos.EXACTLY_ONCE, 2);
            assertThat(client.expect(Packet.Pubrec.class).reason())
                    .isEqualTo(five ? ReasonCode.NOT_AUTHORIZED : ReasonCode.SUCCESS);
            if (!five) {
                client.send(Packets.pubrel(2));
                client.expect(Packet.Pubcomp.class);
            }
            client.expectNothing();
        }
    }
}
