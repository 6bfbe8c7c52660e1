// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.device.DeviceStatus.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Whole devices on real TCP connections. */
class DevicesTcpTest {

    private final Recorder recorder = new Recorder();

    private Devices started(int port, ReadingSink sink) {
        Devices devices = new Devices(
                List.of(new DeviceSettings(
                        "plc", new Link.Tcp("127.0.0.1", port), new Framing.Line(1_000), new Decoding.Text())),
                sink,
                recorder,
                InstantSource.system());
        devices.start();
        return devices;
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return server;
    }

    private static void write(Socket peer, String text) throws IOException {
        peer.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void tcpPeer_missingVanishingInMidLineAndBack_losesNoWholeLineSentAfterwards() throws Exception {
        int port;
        try (ServerSocket reserved = listen(0)) {
            port = reserved.getLocalPort();
        }
        try (Devices devices = started(port, recorder)) {
            assertThat(recorder.awaitChange(State.BROKEN).reason()).contains("no connection");
            for (int round = 0; round < 3; round++) {
                try (ServerSocket server = listen(port);
                        Socket peer = server.accept()) {
                    write(peer, "a" + round + "\nb" + round + "\r\nhalf a li");
                    assertThat(recorder.next()).containsExactly("a" + round);
                    assertThat(recorder.next()).containsExactly("b" + round);
                    peer.setSoLinger(round % 2 == 0, 0); // A reset, or an end in good order.
                }
                recorder.awaitChange(State.BROKEN);
            }
            DeviceStatus.Counts counts = devices.status().getFirst().counts();
            assertThat(counts.readings()).isEqualTo(6);
            assertThat(counts.undecodable() + counts.overlong() + counts.bugs()).isZero();
            assertThat(recorder.hasNoMore()).isTrue();
        }
    }

    @Test
    void tcpPeer_sinkDoesNotKeepUp_isHeldBackAndLosesNothing() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        ReadingSink sink = reading -> {
            release.await();
            recorder.accept(reading);
        };
        try (ServerSocketChannel server =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Devices devices = started(server.socket().getLocalPort(), sink);
                SocketChannel peer = server.accept()) {
            peer.configureBlocking(false);
            byte[] line = ("x".repeat(999) + "\n").getBytes(StandardCharsets.UTF_8);
            int lines = 0;
            ByteBuffer rest = ByteBuffer.wrap(line);
            while (peer.write(rest) > 0) {
                lines += rest.hasRemaining() ? 0 : 1;
                rest = rest.hasRemaining() ? rest : ByteBuffer.wrap(line);
                assertThat(lines).as("lines that somebody holds").isLessThan(50_000);
            }
            assertThat(devices.status().getFirst().counts().bytes()).isLessThanOrEqualTo(4_096);
            release.countDown();
            peer.configureBlocking(true);
            while (rest.hasRemaining()) {
                peer.write(rest);
            }
            for (int i = 0; i <= lines; i++) {
                assertThat(recorder.next().getFirst()).hasSize(999);
            }
            assertThat(recorder.hasNoMore()).isTrue();
        }
    }

    @Test
    void close_peerSaysNothing_endsTheThread() throws Exception {
        try (ServerSocket server = listen(0)) {
            Devices devices = started(server.getLocalPort(), recorder);
            try (devices;
                    Socket peer = server.accept()) {
                recorder.awaitChange(State.OPEN);
                assertThat(peer.isConnected()).isTrue();
            }
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .doesNotContain("device-plc");
        }
    }
}
