// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shared subscriptions: each message to one of the members, and to another one when that is gone. */
@Tag("wire")
final class SharedSubscriptionTest {

    private static final String SHARED = "$share/group/a/#";

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
    void messages_ofEachQos_goToOneMemberByTurns(ProtocolVersion version) throws IOException {
        try (RawClient one = gateway.connected("one", version);
                RawClient two = gateway.connected("two", version);
                RawClient alone = gateway.connected("alone", version);
                RawClient publisher = gateway.connected("publisher")) {
            one.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            two.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            alone.subscribe(1, "$share/other/a/#", Qos.EXACTLY_ONCE);
            for (Qos qos : Qos.values()) {
                for (int i = 0; i < 10; i++) {
                    publisher.publish("a/b", qos.level() + "-" + i, qos, qos == Qos.AT_MOST_ONCE ? 0 : i + 1);
                }
            }
            List<String> toOne = texts(one, 15);
            List<String> toTwo = texts(two, 15);
            one.expectNothing();
            two.expectNothing();
            assertThat(toOne).doesNotContainAnyElementsOf(toTwo).doesNotHaveDuplicates();
            assertThat(texts(alone, 30)).containsAll(toOne).containsAll(toTwo);
        }
    }

    @Test
    void announced_isAvailable() throws IOException {
        try (RawClient client = gateway.open(ProtocolVersion.MQTT_5)) {
            Packet.Connack connack = client.connect("client", true, 0);
            assertThat(connack.properties().sharedSubscriptionAvailable()).isTrue();
        }
    }

    @Test
    @Statement("MQTT-4.8.2-3")
    void member_grantedALowerQos_getsThatQos() throws IOException {
        try (RawClient zero = gateway.connected("zero");
                RawClient one = gateway.connected("one");
                RawClient two = gateway.connected("two");
                RawClient publisher = gateway.connected("publisher")) {
            zero.send(Packets.subscribe(1, 7, Packets.subscription(SHARED, Qos.AT_MOST_ONCE)));
            zero.expect(Packet.Suback.class);
            one.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            two.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            for (int i = 1; i <= 3; i++) {
                publisher.publish("a/b", "" + i, Qos.EXACTLY_ONCE, i);
            }
            Packet.Publish first = zero.expect(Packet.Publish.class);
            assertThat(first.message().qos()).isEqualTo(Qos.AT_MOST_ONCE);
            assertThat(first.subscriptionIds()).containsExactly(7);
            Packet.Publish second = one.expect(Packet.Publish.class);
            assertThat(second.message().qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(second.subscriptionIds()).isEmpty();
            assertThat(two.expect(Packet.Publish.class).message().qos()).isEqualTo(Qos.EXACTLY_ONCE);
        }
    }

    @Test
    @Statement("MQTT-3.3.4-9")
    void member_withoutQuota_isPassedOver() throws IOException {
        try (RawClient slow = gateway.open(ProtocolVersion.MQTT_5);
                RawClient fast = gateway.connected("fast");
                RawClient publisher = gateway.connected("publisher")) {
            slow.connect("slow", true, Packets.receiveMaximum(0, 1));
            slow.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            fast.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            for (int i = 1; i <= 10; i++) {
                publisher.publish("a/b", "" + i, Qos.AT_LEAST_ONCE, i);
            }
            Packet.Publish held = slow.expect(Packet.Publish.class);
            assertThat(texts(fast, 9)).doesNotContain(text(held));
            slow.expectNothing();
            slow.puback(held.packetId());
            for (int i = 11; i <= 12; i++) {
                publisher.publish("a/b", "" + i, Qos.AT_LEAST_ONCE, i);
            }
            slow.expect(Packet.Publish.class);
            fast.expect(Packet.Publish.class);
        }
    }

    @Test
    void qos1Unsettled_connectionLost_goesToAnotherMember() throws IOException {
        try (RawClient lost = gateway.durable("lost", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            lost.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            publishQos1(publisher, 1, 5);
            List<Packet.Publish> had = publishes(lost, 5);
            lost.puback(had.getFirst().packetId());
            try (RawClient other = gateway.connected("other")) {
                other.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
                lost.expectNothing();
                lost.abort();
                List<Packet.Publish> got = publishes(other, 4);
                assertThat(got).extracting(SharedSubscriptionTest::text).containsExactly("2", "3", "4", "5");
                assertThat(got).noneMatch(Packet.Publish::dup);
                got.forEach(publish -> puback(other, publish));
                other.expectNothing();
            }
            try (RawClient again = gateway.durable("lost", ProtocolVersion.MQTT_5, true)) {
                again.expectNothing();
            }
        }
    }

    @Test
    @Statement("MQTT-4.8.2-4")
    void qos2Sent_connectionLost_waitsForItsMemberAndGoesOnThere() throws IOException {
        try (RawClient lost = gateway.durable("lost", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            lost.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            for (int i = 1; i <= 2; i++) {
                publisher.publish("a/b", "" + i, Qos.EXACTLY_ONCE, i);
            }
            List<Packet.Publish> had = publishes(lost, 2);
            lost.send(Packets.pubrec(had.getFirst().packetId()));
            lost.expect(Packet.Pubrel.class);
            lost.abort();
        }
        gateway.restart();
        try (RawClient other = gateway.connected("other")) {
            other.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            other.expectNothing();
            try (RawClient again = gateway.durable("lost", ProtocolVersion.MQTT_5, true)) {
                int released = again.expect(Packet.Pubrel.class).packetId();
                Packet.Publish repeated = again.expect(Packet.Publish.class);
                assertThat(text(repeated)).isEqualTo("2");
                assertThat(repeated.dup()).isTrue();
                again.send(Packets.pubcomp(released));
                again.send(Packets.pubrec(repeated.packetId()));
                again.expect(Packet.Pubrel.class);
                again.send(Packets.pubcomp(repeated.packetId()));
                again.expectNothing();
            }
            other.expectNothing();
        }
    }

    @Test
    @Statement("MQTT-4.8.2-5")
    void qos2Sent_sessionEnds_goesToNobodyElse() throws IOException {
        try (RawClient ending = gateway.connected("ending");
                RawClient durable = gateway.durable("durable", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            ending.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            durable.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            publisher.publish("a/b", "1", Qos.EXACTLY_ONCE, 1);
            publisher.publish("a/b", "2", Qos.EXACTLY_ONCE, 2);
            ending.expect(Packet.Publish.class);
            durable.expect(Packet.Publish.class);
            try (RawClient other = gateway.connected("other")) {
                other.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
                ending.abort();
                durable.abort();
                try (RawClient anew = gateway.connected("durable")) { // clean start
                    anew.expectNothing();
                }
                other.expectNothing();
                publisher.publish("a/b", "3", Qos.EXACTLY_ONCE, 3);
                assertThat(text(other.expect(Packet.Publish.class))).isEqualTo("3");
            }
        }
    }

    @Test
    @Statement("MQTT-4.8.2-6")
    void refusedByItsMember_isDiscarded() throws IOException {
        try (RawClient refusing = gateway.connected("refusing");
                RawClient publisher = gateway.connected("publisher")) {
            refusing.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
            publisher.publish("a/b", "1", Qos.AT_LEAST_ONCE, 1);
            publisher.publish("a/b", "2", Qos.EXACTLY_ONCE, 2);
            List<Packet.Publish> had = publishes(refusing, 2);
            refusing.send(new Packet.Puback(had.get(0).packetId(), ReasonCode.NOT_AUTHORIZED, Explanation.NONE));
            refusing.send(Packets.pubrec(had.get(1).packetId(), ReasonCode.QUOTA_EXCEEDED));
            refusing.expectNothing();
            try (RawClient other = gateway.connected("other")) {
                other.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
                refusing.abort();
                other.expectNothing();
            }
        }
    }

    @Test
    void subscribing_getsNoRetainedMessages() throws IOException {
        try (RawClient member = gateway.connected("member");
                RawClient publisher = gateway.connected("publisher")) {
            publisher.send(Packets.publish(Packets.retained("a/b", "kept", Qos.AT_MOST_ONCE), 0));
            publisher.expectNothing();
            member.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            member.expectNothing();
        }
    }

    @Test
    void durableGroup_allMembersAway_keepsEverythingAcrossARestart() throws IOException {
        try (RawClient member = gateway.durable("member", ProtocolVersion.MQTT_5, false)) {
            member.subscribe(1, SHARED, Qos.EXACTLY_ONCE);
        }
        try (RawClient publisher = gateway.connected("publisher")) {
            publishQos1(publisher, 1, 3);
        }
        gateway.restart();
        try (RawClient publisher = gateway.connected("publisher")) {
            publishQos1(publisher, 4, 6);
        }
        try (RawClient other = gateway.connected("other")) {
            other.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            assertThat(texts(other, 6)).containsExactly("1", "2", "3", "4", "5", "6");
            other.expectNothing();
        }
        gateway.restart();
        try (RawClient member = gateway.durable("member", ProtocolVersion.MQTT_5, true)) {
            member.expectNothing();
        }
    }

    @Test
    void durableGroup_lentAtARestart_givesItAgainUnderAnotherIdentifier() throws IOException {
        int before;
        try (RawClient member = gateway.durable("member", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            member.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            member.subscribe(2, "own", Qos.AT_LEAST_ONCE);
            publishQos1(publisher, 1, 2);
            publisher.publish("own", "own", Qos.AT_LEAST_ONCE, 3);
            publisher.expect(Packet.Puback.class);
            List<Packet.Publish> had = publishes(member, 3);
            before = had.getFirst().packetId();
            member.puback(had.get(1).packetId());
            member.expectNothing();
        }
        gateway.restart();
        try (RawClient member = gateway.durable("member", ProtocolVersion.MQTT_5, true)) {
            List<Packet.Publish> got = publishes(member, 2);
            assertThat(got).extracting(SharedSubscriptionTest::text).containsExactlyInAnyOrder("1", "own");
            assertThat(got).filteredOn(publish -> text(publish).equals("own")).allMatch(Packet.Publish::dup);
            assertThat(got)
                    .filteredOn(publish -> text(publish).equals("1"))
                    .noneMatch(publish -> publish.packetId() == before);
            got.forEach(publish -> puback(member, publish));
            member.expectNothing();
        }
    }

    @Test
    void group_firstWithoutAndThenWithADurableMember_handsOutOldThenNew() throws IOException {
        try (RawClient slow = gateway.open(ProtocolVersion.MQTT_5);
                RawClient publisher = gateway.connected("publisher")) {
            slow.connect("slow", true, Packets.receiveMaximum(0, 1));
            slow.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            publishQos1(publisher, 1, 3);
            Packet.Publish first = slow.expect(Packet.Publish.class);
            try (RawClient durable = gateway.open(ProtocolVersion.MQTT_5)) {
                durable.connect("durable", false, Packets.receiveMaximum(3_600, 1));
                durable.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
                assertThat(text(durable.expect(Packet.Publish.class))).isEqualTo("2");
                publishQos1(publisher, 4, 4);
            }
            slow.puback(first.packetId());
            List<String> got = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Packet.Publish publish = slow.expect(Packet.Publish.class);
                got.add(text(publish));
                slow.puback(publish.packetId());
            }
            assertThat(got).containsExactlyInAnyOrder("2", "3", "4");
        }
    }

    @Test
    void lastMember_unsubscribes_endsTheGroup() throws IOException {
        try (RawClient member = gateway.durable("member", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            member.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            publisher.publish("a/b", "1", Qos.AT_LEAST_ONCE, 1);
            int id = member.expect(Packet.Publish.class).packetId();
            member.send(Packets.unsubscribe(2, SHARED, "$share/group/a", SHARED));
            assertThat(member.expect(Packet.Unsuback.class).reasons())
                    .containsExactly(
                            ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED, ReasonCode.NO_SUBSCRIPTION_EXISTED);
            member.puback(id);
            publisher.expect(Packet.Puback.class);
            publisher.publish("a/b", "2", Qos.AT_LEAST_ONCE, 2);
            assertThat(publisher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            member.expectNothing();
        }
        gateway.restart();
        try (RawClient member = gateway.durable("member", ProtocolVersion.MQTT_5, true)) {
            member.expectNothing();
        }
    }

    @Test
    void manyMessages_membersComingAndGoing_eachReachesSomebody() throws IOException {
        List<String> got = new ArrayList<>();
        try (RawClient steady = gateway.durable("steady", ProtocolVersion.MQTT_5, false);
                RawClient publisher = gateway.connected("publisher")) {
            steady.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
            for (int round = 0; round < 10; round++) {
                try (RawClient passing = gateway.connected("passing")) {
                    passing.subscribe(1, SHARED, Qos.AT_LEAST_ONCE);
                    publishQos1(publisher, 100 * round + 1, 100 * round + 100);
                    List<Packet.Publish> had = publishes(passing, 50);
                    for (Packet.Publish publish : had.subList(0, 20)) {
                        got.add(text(publish));
                        passing.puback(publish.packetId());
                    }
                    passing.expectNothing(); // so that the gateway has what was acknowledged
                }
                for (Packet.Publish publish : publishes(steady, 80)) {
                    got.add(text(publish));
                    steady.puback(publish.packetId());
                }
            }
            steady.expectNothing();
        }
        assertThat(got).hasSize(1_000).doesNotHaveDuplicates();
    }

    private static void publishQos1(RawClient publisher, int from, int to) throws IOException {
        for (int i = from; i <= to; i++) {
            publisher.publish("a/b", "" + i, Qos.AT_LEAST_ONCE, i);
        }
        for (int i = from; i <= to; i++) {
            publisher.expect(Packet.Puback.class);
        }
    }

    private static List<Packet.Publish> publishes(RawClient client, int count) throws IOException {
        List<Packet.Publish> got = new ArrayList<>();
        while (got.size() < count) {
            got.add(client.expect(Packet.Publish.class));
        }
        return got;
    }

    private static List<String> texts(RawClient client, int count) throws IOException {
        List<String> got = new ArrayList<>();
        for (Packet.Publish publish : publishes(client, count)) {
            got.add(text(publish));
            if (publish.message().qos() == Qos.AT_LEAST_ONCE) {
                client.puback(publish.packetId());
            }
        }
        return got;
    }

    private static void puback(RawClient client, Packet.Publish publish) {
        try {
            client.puback(publish.packetId());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Packet.Publish publish) {
        return publish.message().payload().text();
    }
}
