// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import io.sluice.gateway.Statement;
import io.sluice.gateway.journal.FaultDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT over WebSocket, with the JDK's own WebSocket client, HiveMQ's MQTT client, and bytes that no client would send. */
class WebSocketTest {

    private static final int PATIENCE_SECONDS = 20;
    private static final String CONNECT = "10 0e 0004 4d515454 05 02 0000 00 0001 61";
    private static final String PINGREQ = "c0 00";
    private static final String PINGRESP = "d000";
    private static final String UPGRADE =
            "GET /mqtt HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private RunningGateway gateway;

    @BeforeEach
    void start() {
        gateway = RunningGateway.start(
                new FaultDisk(),
                RunningGateway.listening(
                        List.of(new Settings.Listener(
                                "web",
                                "127.0.0.1",
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("/mqtt"),
                                true,
                                Settings.ListenerLimits.DEFAULTS)),
                        List.of()));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    /** What a WebSocket hears: the bytes of all binary frames, and how it ended. */
    private static final class Heard implements WebSocket.Listener {

        private final BlockingQueue<Byte> bytes = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            while (data.hasRemaining()) {
                bytes.add(data.get());
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        String next(int count) throws InterruptedException {
            byte[] next = new byte[count];
            for (int i = 0; i < count; i++) {
                Byte one = bytes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (one == null) {
                    throw new AssertionError("only %d of %d bytes came".formatted(i, count));
                }
                next[i] = one;
            }
            return HexFormat.of().formatHex(next);
        }
    }

    private WebSocket open(Heard heard, String path, String subProtocol) {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (!subProtocol.isEmpty()) {
            builder.subprotocols(subProtocol);
        }
        return builder.buildAsync(URI.create("ws://127.0.0.1:" + gateway.port("web") + path), heard)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private static void send(WebSocket socket, String hex, boolean last) {
        socket.sendBinary(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", ""))), last)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private static void expectConnack(Heard heard) throws InterruptedException {
        int length = HexFormat.fromHexDigits(heard.next(2).substring(2));
        assertThat(heard.next(length)).startsWith("0000");
    }

    @Test
    @Statement({"MQTT-6.0.0-4", "MQTT-6.0.0-3"})
    void upgrade_withTheSubProtocol_isAnsweredWithIt() throws InterruptedException {
        Heard heard = new Heard();
        WebSocket socket = open(heard, "/mqtt", "mqtt");
        assertThat(socket.getSubprotocol()).isEqualTo("mqtt");
        send(socket, CONNECT, true);
        expectConnack(heard);
        socket.abort();
    }

    @Test
    @Statement("MQTT-6.0.0-2")
    void packets_onePacketOverManyFramesAndManyInOne_areTakenAsTheyAre() throws InterruptedException {
        Heard heard = new Heard();
        WebSocket socket = open(heard, "/mqtt", "mqtt");
        byte[] connect = HexFormat.of().parseHex(CONNECT.replaceAll("\\s", ""));
        for (int i = 0; i < connect.length; i++) {
            send(socket, HexFormat.of().toHexDigits(connect[i]), i % 3 == 0);
        }
        send(socket, PINGREQ + PINGREQ + "c0", true);
        expectConnack(heard);
        assertThat(heard.next(4)).isEqualTo(PINGRESP + PINGRESP);
        send(socket, "00" + PINGREQ, true);
        assertThat(heard.next(4)).isEqualTo(PINGRESP + PINGRESP);
        socket.sendPing(ByteBuffer.wrap(new byte[] {1, 2, 3})).join();
        send(socket, PINGREQ, true);
        assertThat(heard.next(2)).isEqualTo(PINGRESP);
        socket.abort();
    }

    @Test
    @Statement("MQTT-6.0.0-1")
    void frame_ofText_endsTheConnection() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard, "/mqtt", "mqtt");
        send(socket, CONNECT, true);
        expectConnack(heard);
        socket.sendText("hello", true).join();
        assertThat(heard.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1003);
    }

    @Test
    void disconnect_closesTheWebSocketInGoodOrder() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard, "/mqtt", "mqtt");
        send(socket, CONNECT + "e0 00", true);
        expectConnack(heard);
        assertThat(heard.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1000);
    }

    @ParameterizedTest
    @CsvSource({"/mqtt, '', 400", "/mqtt, mqttv3.1, 400", "/other, mqtt, 404"})
    void upgrade_notForMqtt_isRefused(String path, String subProtocol, int status) {
        assertThatThrownBy(() -> open(new Heard(), path, subProtocol))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        refused ->
                                assertThat(refused.getResponse().statusCode()).isEqualTo(status));
    }

    @Test
    void client_ofHiveMq_publishesAndReceives() throws InterruptedException {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier("hive")
                .serverHost("127.0.0.1")
                .serverPort(gateway.port("web"))
                .webSocketConfig()
                .serverPath("mqtt")
                .applyWebSocketConfig()
                .buildBlocking();
        client.connect();
        try (Mqtt5BlockingClient.Mqtt5Publishes publishes = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("a").qos(MqttQos.EXACTLY_ONCE).send();
            for (int size : new int[] {0, 1, 100, 200, 70_000, 500_000}) {
                client.publishWith()
                        .topic("a")
                        .qos(MqttQos.EXACTLY_ONCE)
                        .payload(new byte[size])
                        .send();
                assertThat(publishes.receive(PATIENCE_SECONDS, TimeUnit.SECONDS))
                        .hasValueSatisfying(
                                got -> assertThat(got.getPayloadAsBytes()).hasSize(size));
            }
        }
        client.disconnect();
    }

    @ParameterizedTest
    @CsvSource({
        "82 02 c000, a frame without a mask",
        "c2 82 00000000 c000, an extension nobody agreed on",
        "80 82 00000000 c000, a continuation of nothing",
        "83 80 00000000, a reserved type",
        "09 80 00000000, a ping in parts",
        "89 fe 0080 00000000, a ping too long",
        "02 81 00000000 c0 82 81 00000000 00, a message within another",
        "82 ff 8000000000000000 00000000, a length of 64 bits"
    })
    void frame_broken_endsTheConnection(String hex, String what) throws IOException {
        try (Socket socket = raw(UPGRADE + "Sec-WebSocket-Protocol: mqtt\r\n\r\n")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 101 ");
            socket.getOutputStream().write(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
            byte[] close = socket.getInputStream().readAllBytes();
            assertThat(HexFormat.of().formatHex(close)).as(what).isEqualTo("880203ea");
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 101", "20000, 400"})
    void upgrade_hugeHeaders_areRefused(int bytes, int status) throws IOException {
        String headers = "X-Long: " + "x".repeat(bytes) + "\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
        try (Socket socket = raw(UPGRADE + headers)) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void upgrade_thatIsNoHttp_isTurnedAway() throws IOException {
        try (Socket socket = raw("\u0010\u000e\u0000\u0004MQTT\r\n\r\n")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void frame_thatNeverEnds_carriesPacketsAllTheSame() throws IOException {
        try (Socket socket = raw(UPGRADE + "Sec-WebSocket-Protocol: mqtt\r\n\r\n")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 101 ");
            String frame = "82 ff 7fffffffffffffff 00000000" + CONNECT + PINGREQ;
            socket.getOutputStream().write(HexFormat.of().parseHex(frame.replaceAll("\\s", "")));
            StringBuilder heard = new StringBuilder();
            while (!heard.toString().endsWith(PINGRESP)) {
                int next = socket.getInputStream().read();
                assertThat(next).as("after %s", heard).isNotNegative();
                heard.append(HexFormat.of().toHexDigits((byte) next));
            }
            assertThat(heard.toString())
                    .as("a binary frame with CONNACK first")
                    .startsWith("82")
                    .contains("20");
        }
    }

    private Socket raw(String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port("web"));
        socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** The HTTP answer's head. */
    private static String answer(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new AssertionError("the connection ended after: " + head);
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }
}
