// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.Statement;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.journal.Receivers;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.routing.Delivery;
import io.sluice.gateway.routing.Outbox;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Send window, receive window and owed answers. */
final class WindowsTest {

    private final JournalInMemory fixture = new JournalInMemory();
    private final Outbox outbox =
            Outbox.transientOne(fixture.journal(), new OutboxMemory(100, 1 << 20, new Budget("outboxes", 1 << 20)));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    @Statement({"MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-3.3.4-9"})
    void sendWindow_atReceiveMaximum_isClosedUntilSomethingEnds() {
        SendWindow window = new SendWindow(outbox, 2);
        int first = send(window, Qos.AT_LEAST_ONCE);
        int second = send(window, Qos.EXACTLY_ONCE);
        assertThat(window.isOpen()).isFalse();

        assertThat(window.acknowledge(second)).as("PUBACK for QoS 2").isFalse();
        assertThat(window.awaitsPubrec(first)).isFalse();
        assertThat(window.acknowledge(first)).isTrue();
        assertThat(window.acknowledge(first)).isFalse();
        assertThat(window.isOpen()).isTrue();
        assertThat(window.awaitsPubrec(second)).isTrue();
        window.release(second);
        assertThat(window.awaitsPubrec(second)).isFalse();
        assertThat(window.awaitsPubcomp(second)).isTrue();
        assertThat(window.underWay()).isEqualTo(1);
        window.complete(second);
        assertThat(window.awaitsPubcomp(second)).isFalse();
        assertThat(window.underWay()).isZero();
    }

    @Test
    @Statement("MQTT-4.4.0-2")
    void sendWindow_refusedOrTooLarge_isFreed() {
        SendWindow window = new SendWindow(outbox, 1);
        window.refuse(send(window, Qos.EXACTLY_ONCE));
        assertThat(window.isOpen()).isTrue();
        send(window, Qos.AT_LEAST_ONCE);
        window.abandon(1);
        assertThat(window.isOpen()).isTrue();
        assertThat(outbox.depth()).isZero();
    }

    @Test
    void sendWindow_packetIdentifiers_areTheSequencesModulo() {
        assertThat(SendWindow.packetId(0)).isEqualTo(1);
        assertThat(SendWindow.packetId(65_534)).isEqualTo(65_535);
        assertThat(SendWindow.packetId(65_535)).isEqualTo(1);
        SendWindow window = new SendWindow(outbox, 10);
        for (int i = 0; i < 70_000; i++) {
            int packetId = send(window, Qos.AT_LEAST_ONCE);
            assertThat(window.sequence(packetId)).isEqualTo(i);
            assertThat(window.acknowledge(packetId)).isTrue();
        }
    }

    @Test
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-12"})
    void receiveWindow_identifier_isKnownUntilItIsReleased() {
        BitSet before = new BitSet();
        before.set(9);
        ReceiveWindow window =
                new ReceiveWindow(before, new StateMemory(new SubscriptionQuota(1), new Budget("state", 1 << 20)));
        assertThat(window.receive(9)).isFalse();
        assertThat(window.receive(65_535)).isTrue();
        assertThat(window.receive(65_535)).isFalse();
        assertThat(window.count()).isEqualTo(2);
        assertThat(window.release(65_535)).isTrue();
        assertThat(window.release(65_535)).isFalse();
        assertThat(window.receive(65_535)).isTrue();
    }

    @Test
    void owedAnswers_leaveInOrderAndOnlyWhenTheirBatchIsForced() {
        List<Packet> sent = new ArrayList<>();
        OwedAnswers answers = new OwedAnswers(fixture.journal(), new Ingress(() -> 0, () -> false, 1 << 20), sent::add);
        answers.owe(Packets.pubrel(1), 0);
        assertThat(sent).hasSize(1);

        fixture.disk().holdForces();
        answers.owe(Packets.pubrel(2), fixture.journal().completed(1, 1));
        answers.owe(Packets.pubrel(3), 0);
        fixture.executor().run();
        assertThat(sent).hasSize(1);
        assertThat(answers.count()).isEqualTo(2);

        fixture.disk().releaseForces();
        fixture.executor().runUntil(() -> answers.count() == 0);
        assertThat(sent).containsExactly(Packets.pubrel(1), Packets.pubrel(2), Packets.pubrel(3));
    }

    @Test
    void owedAnswers_ended_areNeverSent() {
        List<Packet> sent = new ArrayList<>();
        OwedAnswers answers = new OwedAnswers(fixture.journal(), new Ingress(() -> 0, () -> false, 1 << 20), sent::add);
        fixture.disk().holdForces();
        answers.owe(Packets.pubrel(1), fixture.journal().completed(1, 1));
        answers.end();
        fixture.disk().releaseForces();
        fixture.force();
        assertThat(sent).isEmpty();
    }

    private int send(SendWindow window, Qos qos) {
        outbox.offer(Packets.message("a", "x", qos), qos, false, List.of(), new Receivers());
        Delivery delivery = outbox.next();
        assertThat(delivery).isNotNull();
        window.sent();
        return SendWindow.packetId(delivery.sequence());
    }
}
