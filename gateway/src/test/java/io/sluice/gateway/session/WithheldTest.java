// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WithheldTest {

    private final ManualExecutor executor = new ManualExecutor();
    private final Loop loop = new Loop(executor);
    private int attempts;
    private int room;
    private int ended;
    private final Ingress ingress = new Ingress(() -> 0, () -> false, 1 << 20);
    private final Withheld withheld = new Withheld(loop, ingress, this::again, () -> ended++);

    @BeforeEach
    void begin() {
        executor.run();
    }

    private void again() {
        attempts++;
        while (room > 0 && withheld.isHolding()) {
            room--;
            withheld.taken();
        }
    }

    private static Packet.Publish publish(int packetId) {
        return new Packet.Publish(Packets.message("t", "m", Qos.AT_LEAST_ONCE), packetId, false, List.of());
    }

    @Test
    void roomComes_packetsGoInOrderAndNothingEnds() {
        withheld.add(publish(1));
        withheld.add(publish(2));
        executor.advance(Duration.ofSeconds(30));
        assertThat(attempts).isEqualTo(30);
        assertThat(withheld.head().packetId()).isEqualTo(1);
        room = 1;
        executor.advance(Duration.ofSeconds(1));
        assertThat(withheld.head().packetId()).isEqualTo(2);
        executor.advance(Duration.ofSeconds(58)); // anew for each
        assertThat(ended).isZero();
        room = 1;
        executor.advance(Duration.ofSeconds(1));
        assertThat(withheld.isHolding()).isFalse();
        executor.advance(Duration.ofMinutes(5));
        assertThat(ended).isZero();
        assertThat(executor.timers()).isZero();
    }

    @Test
    void noRoom_forAMinute_isTheEnd() {
        withheld.add(publish(1));
        executor.advance(Duration.ofMillis(59_900));
        assertThat(ended).isZero();
        executor.advance(Duration.ofMillis(200));
        assertThat(ended).isEqualTo(1);
        withheld.end();
        executor.advance(Duration.ofMinutes(5));
        assertThat(ended).isEqualTo(1);
    }

    @Test
    void packets_moreThanAllClientsMayHaveWaiting_endTheConnectionAtOnce() {
        ingress.withhold((1 << 19) - 1);
        withheld.add(publish(1));
        assertThat(ended).isEqualTo(1);
        withheld.end();
        assertThat(ingress.withhold(0)).isTrue();
    }
}
