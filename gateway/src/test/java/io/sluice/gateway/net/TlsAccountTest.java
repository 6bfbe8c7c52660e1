// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TlsAccountTest {

    private static final HandOver.Shown SHAKEN = new HandOver.Shown(Optional.empty());

    private final ManualExecutor executor = new ManualExecutor();
    private final Budget state = new Budget("state", 100 * TlsMemory.HANDSHAKE_BYTES);
    private final Budget sockets = new Budget("sockets", 1_000_000);
    private final SocketMemory memory = new SocketMemory(sockets, new Loop(executor), executor::millis);
    private final TlsMemory engines = new TlsMemory(state, executor::millis);

    private EmbeddedChannel open() {
        return new EmbeddedChannel(new TlsAccount(engines, memory));
    }

    private static void shake(EmbeddedChannel channel) {
        channel.pipeline().fireUserEventTriggered(SHAKEN);
    }

    private static void receive(EmbeddedChannel channel, int bytes) {
        channel.pipeline().fireUserEventTriggered(new TlsHandler.Incomplete(bytes));
    }

    @Test
    void connection_countsWithItsHandshakeThenWithItsEngineThenNoMore() {
        EmbeddedChannel channel = open();
        assertThat(state.bytes()).isEqualTo(TlsMemory.HANDSHAKE_BYTES);
        shake(channel);
        shake(channel);
        assertThat(state.bytes()).isEqualTo(TlsMemory.ENGINE_BYTES);
        channel.close();
        assertThat(state.bytes()).isZero();
    }

    @Test
    void connection_thatEndsInItsHandshake_givesAllBack() {
        open().close();
        assertThat(state.bytes()).isZero();
    }

    @Test
    void connections_beyondWhatHandshakesMayHave_areClosedAndTheOthersStay() {
        List<EmbeddedChannel> channels = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            channels.add(open());
        }
        assertThat(channels.stream().filter(EmbeddedChannel::isOpen)).hasSize(75);
        assertThat(state.bytes()).isEqualTo(75L * TlsMemory.HANDSHAKE_BYTES);
        assertThat(state.exhaustions()).isEqualTo(25);
        channels.stream().filter(EmbeddedChannel::isOpen).forEach(TlsAccountTest::shake);
        assertThat(open().isOpen()).isTrue();
    }

    @Test
    void recordThatIsNotWhole_countsUntilItIs() {
        EmbeddedChannel channel = open();
        receive(channel, 32_768);
        assertThat(sockets.bytes()).isEqualTo(32_768);
        receive(channel, 0);
        assertThat(sockets.bytes()).isZero();
        receive(channel, 4_096);
        channel.close();
        assertThat(sockets.bytes()).isZero();
    }

    @Test
    void recordsThatDoNotEnd_beyondHalfOfTheMemory_closeTheLargest() {
        EmbeddedChannel small = open();
        receive(small, 16_384);
        List<EmbeddedChannel> large = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            EmbeddedChannel channel = open();
            receive(channel, 32_768);
            large.add(channel);
        }
        assertThat(large.stream().filter(EmbeddedChannel::isOpen).count()).isLessThan(16);
        assertThat(small.isOpen()).isTrue();
        assertThat(sockets.bytes()).isLessThanOrEqualTo(sockets.bytesMax() / 2);
    }
}
