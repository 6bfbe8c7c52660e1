// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.WebSocketFront;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.net.UpstreamLink;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ws}: against another's WebSockets with a Mosquitto behind them, and against a server whose every byte the test chooses. */
final class UpstreamWebSocketTest extends LinkHarness {

    private static final String CONNACK = "82 05 2003000000";

    /** Takes one connection. */
    private static final class Server implements AutoCloseable {

        private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private Socket socket = new Socket();
        private String request = "";
        private final Set<Integer> masks = new HashSet<>();

        Server() throws IOException {
            server.setSoTimeout(20_000);
        }

        URI uri() {
            return URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/a/b");
        }

        /** Reads the request. */
        void accept() throws IOException {
            socket = server.accept();
            socket.setSoTimeout(20_000);
            StringBuilder read = new StringBuilder();
            while (read.indexOf("\r\n\r\n") < 0) {
                read.append((char) in().readUnsignedByte());
            }
            request = read.toString();
        }

        private DataInputStream in() throws IOException {
            return new DataInputStream(socket.getInputStream());
        }

        String header(String name) {
            return request.lines()
                    .filter(line -> line.toLowerCase().startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(name + " in " + request));
        }

        /** The answer of a server that agrees, with one header replaced. */
        String agreeing(String with) throws NoSuchAlgorithmException {
            byte[] proof = MessageDigest.getInstance("SHA-1")
                    .digest((header("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                            .getBytes(StandardCharsets.US_ASCII));
            List<String> headers = List.of(
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(proof),
                    "Sec-WebSocket-Protocol: mqtt");
            String name = with.split(":", 2)[0];
            StringBuilder answer = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
            headers.stream()
                    .filter(line -> !line.startsWith(name + ":"))
                    .forEach(line -> answer.append(line).append("\r\n"));
            return answer.append(with).append("\r\n\r\n").toString();
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** What one frame of the client carries, as hexadecimal; it must be masked, with another mask each time. */
        String frame(int firstByte) throws IOException {
            assertThat(in().readUnsignedByte()).isEqualTo(firstByte);
            int second = in().readUnsignedByte();
            assertThat(second & 0x80).isNotZero();
            long length = second & 0x7F;
            if (length == 126) {
                length = in().readUnsignedShort();
            } else if (length == 127) {
                length = in().readLong();
            }
            byte[] mask = new byte[4];
            in().readFully(mask);
            assertThat(masks.add(Arrays.hashCode(mask))).isTrue();
            byte[] payload = new byte[(int) length];
            in().readFully(payload);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            return HexFormat.of().formatHex(payload);
        }

        static String bytes(String hex) {
            return new String(HexFormat.of().parseHex(hex.replace(" ", "")), StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
            server.close();
        }
    }

    private void connectTo(URI uri) {
        connects++;
        live.run(() -> upstream.connect(uri));
    }

    private void open(Server server) throws Exception {
        connectTo(server.uri());
        server.accept();
        server.send(server.agreeing("X: y"));
        assertThat(server.frame(0x82)).startsWith("10").contains("00044d51545405");
        server.send(Server.bytes(CONNACK));
        heard.awaitConnected(connects);
    }

    private void publishAtLeastOnce(UpstreamLink link, long token, String payload) {
        live.run(() -> link.publish(
                token, new TopicName("a"), Qos.AT_LEAST_ONCE, false, Message.NEVER, Samples.message("a", payload)));
    }

    @Test
    void connect_anothersWebSockets_publishesAnySize() {
        try (Mosquitto mosquitto = Mosquitto.start();
                WebSocketFront front = new WebSocketFront(mosquitto.port())) {
            connectTo(URI.create("ws://127.0.0.1:" + front.port() + "/mqtt"));
            heard.awaitConnected(1);
            List<Integer> sizes = IntStream.concat(IntStream.rangeClosed(80, 130), IntStream.of(0, 40_000, 65_400))
                    .boxed()
                    .toList();
            for (int i = 0; i < sizes.size(); i++) {
                long token = i;
                publishAtLeastOnce(upstream, token, "x".repeat(sizes.get(i)));
                await("answered", () -> heard.published.containsKey(token));
            }
            assertThat(heard.published.values()).noneMatch(reason -> reason.isError());
            assertThat(heard.closed).isEmpty();
        }
    }

    @Test
    void connect_agreeingServer_asksAsTheStandardSays() throws Exception {
        try (Server server = new Server()) {
            open(server);
            assertThat(server.request).startsWith("GET /a/b HTTP/1.1\r\n");
            assertThat(server.header("host")).isEqualTo(server.uri().getAuthority());
            assertThat(server.header("upgrade")).isEqualTo("websocket");
            assertThat(server.header("connection")).isEqualToIgnoringCase("upgrade");
            assertThat(server.header("sec-websocket-version")).isEqualTo("13");
            assertThat(server.header("sec-websocket-protocol")).isEqualTo("mqtt");
            assertThat(Base64.getDecoder().decode(server.header("sec-websocket-key")))
                    .hasSize(16);
        }
    }

    @Test
    void frames_rightBehindTheAnswer_areRead() throws Exception {
        try (Server server = new Server()) {
            connectTo(server.uri());
            server.accept();
            server.send(server.agreeing("X: y") + Server.bytes("89 03 616263"));
            assertThat(server.frame(0x8A)).isEqualTo("616263");
            assertThat(server.frame(0x82)).startsWith("10");
            server.send(Server.bytes(CONNACK));
            heard.awaitConnected(1);
        }
    }

    @Test
    void frames_inPartsAndPings_areReadAndAnswered() throws Exception {
        try (Server server = new Server()) {
            connectTo(server.uri());
            server.accept();
            server.send(server.agreeing("X: y"));
            server.frame(0x82);
            for (char part : Server.bytes("02 02 2003 8900 00 01 00 80 02 0000").toCharArray()) {
                server.send(String.valueOf(part));
            }
            heard.awaitConnected(1);
            assertThat(server.frame(0x8A)).isEmpty();
        }
    }

    @Test
    void disconnect_open_saysDisconnectAndThenClose() throws Exception {
        try (Server server = new Server()) {
            open(server);
            live.run(upstream::disconnect);
            assertThat(server.frame(0x82)).startsWith("e0");
            assertThat(server.frame(0x88)).isEqualTo("03e8");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    88 02 03e9                          | WebSocket closed by upstream, with code 1001
                    82 85 00000000 2003000000           | a server's frame must not be masked
                    81 01 61                            | MQTT comes in binary frames
                    c2 01 61                            | a frame uses an extension that was not agreed on
                    """)
    void frames_thatEndTheConnection_areTold(String frame, String why) throws Exception {
        try (Server server = new Server()) {
            open(server);
            server.send(Server.bytes(frame));
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).endsWith(": " + why);
            assertThat(heard.ends).containsExactly(Upstream.End.PEER);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==      | what answers does not speak WebSocket
                    Upgrade: h2c                                        | what answers does not speak WebSocket
                    Sec-WebSocket-Protocol: chat                        | WebSocket without the sub-protocol mqtt
                    Sec-WebSocket-Extensions: permessage-deflate        | WebSocket with an extension that was not asked for
                    """)
    void answer_thatDoesNotAgree_isRefused(String header, String why) throws Exception {
        try (Server server = new Server()) {
            connectTo(server.uri());
            server.accept();
            server.send(server.agreeing(header));
            heard.awaitClosed(1);
            assertThat(heard.connected).isEmpty();
            assertThat(heard.closed.getFirst()).isEqualTo(server.uri() + ": " + why);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    HTTP/1.1 404 Not Found~Content-Length: 3~~abc                   | no WebSocket at /a/b: 404 Not Found
                    HTTP/1.1 302 Found~Location: http://elsewhere~Content-Length: 0~~ | no WebSocket at /a/b: 302 Found
                    SSH-2.0-OpenSSH_9.2~~                                           | what answers does not speak HTTP
                    """)
    void answer_ofSomethingElse_isRefused(String answer, String why) throws Exception {
        try (Server server = new Server()) {
            connectTo(server.uri());
            server.accept();
            server.send(answer.replace("~", "\r\n"));
            heard.awaitClosed(1);
            assertThat(heard.connected).isEmpty();
            assertThat(heard.closed.getFirst()).isEqualTo(server.uri() + ": " + why);
        }
    }

    @Test
    void answer_longPageOfAProxy_takesNoMemory() throws Exception {
        try (Server server = new Server()) {
            connectTo(server.uri());
            server.accept();
            server.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(20_000));
            heard.awaitClosed(1);
            assertThat(heard.connected).isEmpty();
            assertThat(heard.closed.getFirst()).startsWith(server.uri() + ": ");
        }
    }

    @Test
    void answer_neverComes_endsWithTheTime() throws Exception {
        try (Server server = new Server()) {
            connectTo(server.uri());
            server.accept();
            heard.awaitClosed(1);
            assertThat(heard.closed.getFirst()).isEqualTo(server.uri() + ": no connection within 5 s");
        }
    }
}
