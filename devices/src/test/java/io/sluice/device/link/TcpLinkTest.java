// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.device.DeviceSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // A device or peer that only has to be there.
class TcpLinkTest {

    private ServerSocket server;
    private TcpLink link;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        link = new TcpLink(new DeviceSettings.Link.Tcp("127.0.0.1", server.getLocalPort()));
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        server.close();
    }

    private String place() {
        return "tcp 127.0.0.1:" + server.getLocalPort();
    }

    private Socket connected() throws IOException {
        link.open();
        return server.accept();
    }

    @Test
    void open_nobodyListens_saysSo() throws IOException {
        server.close();
        assertThatThrownBy(link::open)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(place() + ": no connection: ");
    }

    @Test
    void open_noSuchHost_saysSo() {
        String tooLong = "x".repeat(64); // Longer than a label may be: no resolver is asked.
        assertThatThrownBy(new TcpLink(new DeviceSettings.Link.Tcp(tooLong, 1))::open)
                .isInstanceOf(IOException.class)
                .hasMessage("tcp " + tooLong + ":1: the host name cannot be resolved");
    }

    @Test
    void open_closedBefore_opensNothing() {
        link.close();
        assertThatThrownBy(link::open).isInstanceOf(IOException.class).hasMessage(place() + ": closed by the gateway");
    }

    @Test
    void open_closedWhileNobodyAnswers_ends() throws Exception {
        List<Socket> filling = fillBacklog();
        FutureTask<Void> opening = inThread(() -> {
            link.open();
            return null;
        });
        link.close();
        assertThatThrownBy(() -> opening.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(IOException.class)
                .hasMessageEndingWith(place() + ": closed by the gateway");
        for (Socket socket : filling) {
            socket.close();
        }
    }

    /** Connects until the kernel answers no more, so that the next to connect waits. */
    private List<Socket> fillBacklog() throws IOException {
        List<Socket> filling = new ArrayList<>();
        while (filling.size() < 100) {
            Socket socket = new Socket();
            filling.add(socket);
            try {
                socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 100);
            } catch (SocketTimeoutException e) {
                return filling;
            }
        }
        throw new AssertionError("the backlog has no end");
    }

    @Test
    void read_bytesArrive_givesThem() throws Exception {
        try (Socket peer = connected()) {
            peer.getOutputStream().write("ab".getBytes(StandardCharsets.UTF_8));
            byte[] buffer = new byte[10];
            int count = link.read(buffer);
            while (count < 2) {
                byte[] more = new byte[1];
                count += link.read(more);
                buffer[1] = more[0];
            }
            assertThat(buffer).startsWith('a', 'b');
        }
    }

    @Test
    void read_peerEnds_saysSo() throws Exception {
        connected().close();
        assertThatThrownBy(() -> link.read(new byte[10]))
                .isInstanceOf(IOException.class)
                .hasMessage(place() + ": the peer has ended the connection");
    }

    @Test
    void read_peerResets_saysSo() throws Exception {
        Socket peer = connected();
        peer.setSoLinger(true, 0);
        peer.close();
        assertThatThrownBy(() -> link.read(new byte[10]))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(place() + ": connection lost: ");
    }

    @Test
    void read_peerSilentForEver_isEndedByClose() throws Exception {
        try (Socket peer = connected()) {
            FutureTask<Integer> reading = inThread(() -> link.read(new byte[10]));
            link.close();
            assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageEndingWith(place() + ": closed by the gateway");
        }
    }

    @Test
    void connection_whileSilent_hasTheKernelProbeWithinTheTimeGiven() throws Exception {
        try (Socket peer = connected()) {
            // Columns of the table: number, local and remote address in hex, state, queues, "tr:tm->when"; 02 is
            // keep-alive.
            Pattern ours =
                    Pattern.compile(".*:%04X [0-9A-F]+:%04X .*".formatted(peer.getPort(), server.getLocalPort()));
            String row = Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                    .flatMap(table -> lines(Path.of(table)))
                    .filter(line -> ours.matcher(line).matches())
                    .findAny()
                    .orElseThrow();
            String[] timer = row.strip().split(" +")[5].split(":");
            assertThat(timer[0]).isEqualTo("02");
            assertThat(Long.parseLong(timer[1], 16))
                    .as("hundredths of a second")
                    .isBetween(0L, 1_500L);
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> FutureTask<T> inThread(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
