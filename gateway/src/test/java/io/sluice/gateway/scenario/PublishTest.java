// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client publishes: acknowledgements, repetitions, quota, and what comes out unchanged at the other end. */
@Tag("wire")
final class PublishTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({
        "MQTT-3.3.4-1",
        "MQTT-4.3.1-1",
        "MQTT-4.3.2-4",
        "MQTT-4.3.3-8",
        "MQTT-4.3.3-11",
        "MQTT-2.2.1-5",
        "MQTT-4.5.0-1",
        "MQTT-3.8.4-8",
        "MQTT-3.3.2-3",
        "MQTT-2.2.1-2"
    })
    void publish_eachQos_isAcknowledgedAndDelivered(ProtocolVersion version) throws IOException {
        try (RawClient subscriber = gateway.connected("subscriber", version);
                RawClient publisher = gateway.connected("publisher", version)) {
            subscriber.subscribe(1, "a/+", Qos.EXACTLY_ONCE);

            publisher.publish("a/0", "zero", Qos.AT_MOST_ONCE, 0);
            publisher.publish("a/1", "one", Qos.AT_LEAST_ONCE, 11);
            assertThat(publisher.expect(Packet.Puback.class).packetId()).isEqualTo(11);
            publisher.publish("a/2", "two", Qos.EXACTLY_ONCE, 12);
            assertThat(publisher.expect(Packet.Pubrec.class).packetId()).isEqualTo(12);
            publisher.send(Packets.pubrel(12));
            Packet.Pubcomp pubcomp = publisher.expect(Packet.Pubcomp.class);
            assertThat(pubcomp.packetId()).isEqualTo(12);
            assertThat(pubcomp.reason()).isEqualTo(ReasonCode.SUCCESS);
            publisher.expectNothing();

            expect(subscriber, "a/0", "zero", Qos.AT_MOST_ONCE);
            expect(subscriber, "a/1", "one", Qos.AT_LEAST_ONCE);
            expect(subscriber, "a/2", "two", Qos.EXACTLY_ONCE);
        }
    }

    @Test
    @Statement({"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.7.2-1"})
    void publish_whoeverGetsIt_isAnsweredAccordingly() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.publish("a", "nobody", Qos.AT_LEAST_ONCE, 1);
            assertThat(client.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            client.publish("a", "nobody", Qos.EXACTLY_ONCE, 2);
            assertThat(client.expect(Packet.Pubrec.class).reason()).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            client.send(Packets.pubrel(3));
            Packet.Pubcomp unknown = client.expect(Packet.Pubcomp.class);
            assertThat(unknown.packetId()).isEqualTo(3);
            assertThat(unknown.reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-12", "MQTT-3.3.1-3"})
    void qos2_repeatedBeforePubrel_isAcknowledgedAgainAndRoutedOnce(ProtocolVersion version) throws IOException {
        try (RawClient subscriber = gateway.connected("subscriber");
                RawClient publisher = gateway.connected("publisher", version)) {
            subscriber.subscribe(1, "a", Qos.AT_MOST_ONCE);
            for (int i = 0; i < 3; i++) {
                publisher.send(Packets.repeated(Packets.message("a", "first", Qos.EXACTLY_ONCE), 5));
                assertThat(publisher.expect(Packet.Pubrec.class).packetId()).isEqualTo(5);
            }
            publisher.send(Packets.pubrel(5));
            publisher.expect(Packet.Pubcomp.class);
            publisher.publish("a", "second", Qos.EXACTLY_ONCE, 5);
            publisher.expect(Packet.Pubrec.class);

            Packet.Publish first = subscriber.expect(Packet.Publish.class);
            assertThat(first.message().payload().text()).isEqualTo("first");
            assertThat(first.dup()).isFalse();
            expect(subscriber, "a", "second", Qos.AT_MOST_ONCE);
            subscriber.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.3.2-5", "MQTT-3.3.1-3"})
    void qos1_sameIdentifierAfterPuback_isANewMessageWhateverItsDup(ProtocolVersion version) throws IOException {
        try (RawClient subscriber = gateway.connected("subscriber");
                RawClient publisher = gateway.connected("publisher", version)) {
            subscriber.subscribe(1, "a", Qos.AT_LEAST_ONCE);
            publisher.publish("a", "first", Qos.AT_LEAST_ONCE, 5);
            publisher.expect(Packet.Puback.class);
            publisher.send(Packets.repeated(Packets.message("a", "second", Qos.AT_LEAST_ONCE), 5));
            publisher.expect(Packet.Puback.class);

            expect(subscriber, "a", "first", Qos.AT_LEAST_ONCE);
            Packet.Publish second = subscriber.expect(Packet.Publish.class);
            assertThat(second.message().payload().text()).isEqualTo("second");
            assertThat(second.dup()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-11", "MQTT-4.1.0-1"})
    void qos2_identifierOfADurableSession_isKnownAfterReconnectAndRestart(ProtocolVersion version) throws IOException {
        try (RawClient subscriber = gateway.durable("subscriber", version, false);
                RawClient publisher = gateway.durable("publisher", version, false)) {
            subscriber.subscribe(1, "a", Qos.EXACTLY_ONCE);
            publisher.publish("a", "once", Qos.EXACTLY_ONCE, 5);
            publisher.expect(Packet.Pubrec.class);
            publisher.abort();
        }
        try (RawClient publisher = gateway.durable("publisher", version, true)) {
            publisher.send(Packets.repeated(Packets.message("a", "once", Qos.EXACTLY_ONCE), 5));
            publisher.expect(Packet.Pubrec.class);
        }
        gateway.restart();
        try (RawClient publisher = gateway.durable("publisher", version, true)) {
            publisher.send(Packets.repeated(Packets.message("a", "once", Qos.EXACTLY_ONCE), 5));
            publisher.expect(Packet.Pubrec.class);
            publisher.send(Packets.pubrel(5));
            assertThat(publisher.expect(Packet.Pubcomp.class).reason()).isEqualTo(ReasonCode.SUCCESS);
            publisher.expectNothing();
        }
        try (RawClient subscriber = gateway.durable("subscriber", version, true)) {
            Packet.Publish once = subscriber.expect(Packet.Publish.class);
            assertThat(once.message().payload().text()).isEqualTo("once");
            subscriber.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-7", "MQTT-4.13.1-1"})
    void receiveMaximum_exceeded_endsTheConnection() throws IOException {
        gateway.restart(limits -> Limits.receiveMaximum(limits, 2));
        try (RawClient client = gateway.connected("client");
                RawClient other = gateway.connected("other")) {
            for (int id = 1; id <= 2; id++) {
                client.publish("a", "x", Qos.EXACTLY_ONCE, id);
                client.expect(Packet.Pubrec.class);
            }
            client.publish("a", "x", Qos.EXACTLY_ONCE, 3);

            client.expectDisconnect(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
            other.expectNothing();
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-7", "MQTT-4.9.0-1"})
    void receiveMaximum_usedAndFreed_isThereAgain() throws IOException {
        gateway.restart(limits -> Limits.receiveMaximum(limits, 1));
        try (RawClient client = gateway.connected("client")) {
            for (int round = 0; round < 5; round++) {
                client.publish("a", "x", Qos.AT_LEAST_ONCE, 1);
                client.expect(Packet.Puback.class);
                client.publish("a", "x", Qos.EXACTLY_ONCE, 2);
                client.expect(Packet.Pubrec.class);
                client.publish("a", "x", Qos.AT_MOST_ONCE, 0);
                client.send(Packets.pubrel(2));
                client.expect(Packet.Pubcomp.class);
            }
            client.expectNothing();
        }
    }

    @Test
    void packetTooLarge_endsTheConnection() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.sendHex("30 80 80 80 01"); // more than a MiB is announced

            client.expectDisconnect(ReasonCode.PACKET_TOO_LARGE);
        }
    }

    @Test
    void topicAlias_beyondWhatIsOffered_endsTheConnection() throws IOException {
        try (RawClient client = gateway.connected("client")) {
            client.sendHex("30 07 0001 61 03 230011");

            client.expectDisconnect(ReasonCode.TOPIC_ALIAS_INVALID);
        }
    }

    @Test
    @Statement({
        "MQTT-3.3.2-4",
        "MQTT-3.3.2-15",
        "MQTT-3.3.2-16",
        "MQTT-3.3.2-17",
        "MQTT-3.3.2-18",
        "MQTT-3.3.2-20",
        "MQTT-3.1.2-27",
        "MQTT-3.1.2-26",
        "MQTT-3.3.2-11",
        "MQTT-1.5.4-3"
    })
    void message_itsPropertiesAndBytes_areForwardedUnaltered() throws IOException {
        MessageProperties properties = MessageProperties.builder()
                .utf8Payload(true)
                .contentType("a/b")
                .responseTopic("\uFEFFanswers/é")
                .correlationData(Payload.of(new byte[] {0, 1, (byte) 0xFF}))
                .userProperty("b", "\uFEFF2")
                .userProperty("a", "1")
                .userProperty("b", "2")
                .build();
        try (RawClient subscriber = gateway.connected("subscriber");
                RawClient older = gateway.connected("older", ProtocolVersion.MQTT_3_1_1);
                RawClient publisher = gateway.connected("publisher")) {
            subscriber.subscribe(1, "#", Qos.AT_LEAST_ONCE);
            older.subscribe(1, "#", Qos.AT_LEAST_ONCE);
            Message message = Message.of(
                    new TopicName("\uFEFFa//é"),
                    Qos.AT_LEAST_ONCE,
                    false,
                    properties,
                    Message.NEVER,
                    0,
                    Payload.ofText("\uFEFFx\0"));
            publisher.send(Packets.publish(message, 1));

            Packet.Publish got = subscriber.expect(Packet.Publish.class);
            assertThat(got.message().topic()).isEqualTo(message.topic());
            assertThat(got.message().payload()).isEqualTo(message.payload());
            assertThat(got.message().properties().userProperties())
                    .containsExactly(
                            new UserProperty("b", "\uFEFF2"), new UserProperty("a", "1"), new UserProperty("b", "2"));
            assertThat(got.message().properties().contentType()).hasValue("a/b");
            assertThat(got.message().properties().responseTopic()).hasValue("\uFEFFanswers/é");
            assertThat(got.message().properties().correlationData())
                    .hasValue(Payload.of(new byte[] {0, 1, (byte) 0xFF}));
            assertThat(got.message().properties().isUtf8Payload()).isTrue();
            Packet.Publish bare = older.expect(Packet.Publish.class);
            assertThat(bare.message().payload()).isEqualTo(message.payload());
            assertThat(bare.message().properties().length()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.6.0-5", "MQTT-4.6.0-6"})
    void messages_ofOneTopicAndQos_arriveInOrder(ProtocolVersion version) throws IOException {
        try (RawClient subscriber = gateway.connected("subscriber", version);
                RawClient publisher = gateway.connected("publisher", version)) {
            for (Qos qos : Qos.values()) {
                subscriber.subscribe(1, "order/" + qos.level(), qos);
                for (int i = 0; i < 500; i++) {
                    publisher.publish("order/" + qos.level(), "" + i, qos, qos == Qos.AT_MOST_ONCE ? 0 : i + 1);
                }
                for (int i = 0; i < 500; i++) {
                    expect(subscriber, "order/" + qos.level(), "" + i, qos);
                }
                if (qos == Qos.AT_LEAST_ONCE) {
                    for (int i = 1; i <= 500; i++) {
                        assertThat(publisher.expect(Packet.Puback.class).packetId())
                                .isEqualTo(i);
                    }
                }
            }
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-29", "MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2", "MQTT-3.5.2-3"})
    void refusal_isExplainedOnlyWhereTheClientWantsItAndHasRoom() throws IOException {
        gateway.restart(limits -> Limits.retained(limits, 0, 0));
        try (RawClient open = gateway.connected("open");
                RawClient terse = gateway.open(ProtocolVersion.MQTT_5);
                RawClient small = gateway.open(ProtocolVersion.MQTT_5)) {
            terse.sendHex("1010 0004 4d515454 05 02 0000 02 1700 0001 61"); // request problem information 0
            terse.expect(Packet.Connack.class);
            small.connect("small", true, Packets.maximumPacketSize(40));
            for (Qos qos : new Qos[] {Qos.AT_LEAST_ONCE, Qos.EXACTLY_ONCE}) {
                for (RawClient client : new RawClient[] {open, terse, small}) {
                    client.send(Packets.publish(Packets.retained("a", "x", qos), 1));
                }
                assertThat(refusal(open).reasonString()).isPresent();
                assertThat(refusal(terse)).isEqualTo(Explanation.NONE);
                assertThat(refusal(small)).isEqualTo(Explanation.NONE);
            }
        }
    }

    @Test
    @Statement("MQTT-4.3.3-9")
    void qos2_refused_freesItsIdentifier() throws IOException {
        gateway.restart(limits -> Limits.retained(limits, 1, 1 << 20));
        try (RawClient subscriber = gateway.connected("subscriber");
                RawClient client = gateway.connected("client")) {
            subscriber.subscribe(1, "#", Qos.AT_MOST_ONCE);
            client.send(Packets.publish(Packets.retained("a", "1", Qos.AT_MOST_ONCE), 0));
            client.send(Packets.publish(Packets.retained("b", "2", Qos.EXACTLY_ONCE), 7));
            assertThat(client.expect(Packet.Pubrec.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            client.publish("c", "3", Qos.EXACTLY_ONCE, 7);
            assertThat(client.expect(Packet.Pubrec.class).reason()).isEqualTo(ReasonCode.SUCCESS);

            expect(subscriber, "a", "1", Qos.AT_MOST_ONCE);
            expect(subscriber, "c", "3", Qos.AT_MOST_ONCE);
        }
    }

    private static Explanation refusal(RawClient client) throws IOException {
        return switch (client.next()) {
            case Packet.Puback it when it.reason() == ReasonCode.QUOTA_EXCEEDED -> it.explanation();
            case Packet.Pubrec it when it.reason() == ReasonCode.QUOTA_EXCEEDED -> it.explanation();
            case Packet other -> throw new AssertionError("expected a refusal, got " + other);
        };
    }

    private static void expect(RawClient client, String topic, String payload, Qos qos) throws IOException {
        Packet.Publish publish = client.expect(Packet.Publish.class);
        assertThat(publish.message().topic().value()).isEqualTo(topic);
        assertThat(publish.message().payload().text()).isEqualTo(payload);
        assertThat(publish.message().qos()).isEqualTo(qos);
        assertThat(publish.dup()).isFalse();
    }
}
