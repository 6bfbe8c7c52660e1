// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttPersistable;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pins what Eclipse Paho 1.2.5 does by itself, without what stands around it here. Each test is the reason for something in this
 * package; one that fails after an upgrade says what may be simplified, or must be looked at again.
 */
class PahoBehaviourTest {

    private final String clientId = "raw-" + System.nanoTime() + " " + UpstreamThreads.LOST;

    private final FakeServer server = new FakeServer();
    private final Heard heard = new Heard();
    private final CountingPersistence persistence = new CountingPersistence();
    private MqttAsyncClient client;

    @BeforeEach
    void makeClient() throws MqttException {
        client = new MqttAsyncClient("tcp://127.0.0.1:" + server.port(), clientId, persistence);
        client.setCallback(heard);
        client.setManualAcks(true);
    }

    @AfterEach
    void leaveNothing() {
        server.close(); // Paho may lose a thread over it; here that is its own affair.
    }

    private byte[] connect(String connack) throws MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setAutomaticReconnect(false);
        options.setUseSubscriptionIdentifiers(false);
        IMqttToken token = client.connect(options);
        byte[] connect = server.accept(connack);
        token.waitForCompletion(10_000);
        return connect;
    }

    private void publish(String topic, String payload, int qos) throws MqttException {
        client.publish(topic, message(payload, qos), payload, heard);
    }

    private static MqttMessage message(String payload, int qos) {
        return new MqttMessage(payload.getBytes(StandardCharsets.UTF_8), qos, false, new MqttProperties());
    }

    private void await(String what, BooleanSupplier condition) {
        LiveLoop.awaitAnywhere(() -> what + ", heard " + heard, Duration.ofSeconds(10), condition);
    }

    @Test
    void topicAlias_offeredByUpstream_isUsedWithoutBeingAsked() throws MqttException {
        connect("20 06 00 00 03 22 00 0A");
        publish("a/b", "1", 1);
        publish("a/b", "2", 1);
        assertThat(HexFormat.of().formatHex(server.packet(3)))
                .contains("0003612f62")
                .contains("230001");
        assertThat(HexFormat.of().formatHex(server.packet(3)))
                .as("the second has an empty topic, so it cannot be sent again over another connection")
                .startsWith("320000")
                .contains("230001");
    }

    @Test
    void receiveMaximum_above32767_isReadAsNegativeAndNothingCanBePublished() throws MqttException {
        connect("20 06 00 00 03 21 FF FF");
        assertThatThrownBy(() -> publish("a", "1", 1)).isInstanceOf(MqttException.class);
    }

    @Test
    void maximumPacketSize_ofUpstream_isAppliedToWhatUpstreamSendsInstead() throws MqttException {
        connect("20 08 00 00 05 27 00 00 00 20");
        publish("a", "x".repeat(100), 0);
        assertThat(server.packet(3))
                .as("more than the 32 bytes that upstream takes")
                .hasSizeGreaterThan(100);
        server.send("30 28 00 01 61 00" + "78".repeat(36));
        await("connection given up over 42 bytes", () -> !heard.disconnected.isEmpty());
    }

    @Test
    void publish_beyondTheReceiveMaximum_queuesWithoutBoundUntilTheSenderHasTakenThatMany() throws MqttException {
        connect(FakeServer.CONNACK);
        for (int i = 0; i < 5_000; i++) {
            publish("a", "m" + i, 1);
        }
        assertThat(client.getPendingTokens()).hasSizeGreaterThanOrEqualTo(5_000);
        assertThat(persistence.entries.get()).isEqualTo(5_000);
    }

    @Test
    void puback_withAnErrorCode_arrivesAsSuccess() throws MqttException {
        connect(FakeServer.CONNACK);
        publish("a", "refused", 1);
        server.send(FakeServer.puback(FakeServer.packetId(server.packet(3)), 0x97));
        await("answer", () -> !heard.succeeded.isEmpty());
        assertThat(heard.succeeded).containsExactly("refused [151]");
        assertThat(heard.failed).isEmpty();
    }

    @Test
    void puback_withACodeItDoesNotKnow_endsTheConnection() throws MqttException {
        connect(FakeServer.CONNACK);
        publish("a", "1", 1);
        server.send(FakeServer.puback(FakeServer.packetId(server.packet(3)), 0x91)); // Packet identifier in use: valid.
        await("connection given up", () -> !heard.disconnected.isEmpty());
    }

    @Test
    void puback_afterThousands_leavesNothingInPersistence() throws MqttException {
        connect(FakeServer.CONNACK);
        for (int i = 0; i < 3_000; i++) {
            publish("a", "m" + i, 1);
            server.send(FakeServer.puback(FakeServer.packetId(server.packet(3))));
        }
        await("all answered", () -> heard.succeeded.size() == 3_000);
        await("nothing left", () -> persistence.entries.get() == 0);
        assertThat(client.getPendingTokens()).isEmpty();
    }

    @Test
    void connectionLost_withPublicationsUnderWay_failsThoseNotAcknowledgedOnce() throws MqttException {
        connect(FakeServer.CONNACK);
        for (int i = 0; i < 10; i++) {
            publish("a", "m" + i, 1);
        }
        for (int i = 0; i < 4; i++) {
            server.send(FakeServer.puback(FakeServer.packetId(server.packet(3))));
        }
        await("four answers", () -> heard.succeeded.size() == 4);
        server.drop();
        await("disconnected", () -> !heard.disconnected.isEmpty());
        assertThat(heard.failed).containsExactlyInAnyOrder("m4", "m5", "m6", "m7", "m8", "m9");
        assertThat(heard.disconnected).hasSize(1);
    }

    @Test
    void disconnect_fromUpstream_failsWhatIsUnderWayAndThenTellsTheCode() throws MqttException {
        connect(FakeServer.CONNACK);
        publish("a", "1", 1);
        server.packet(3);
        server.send("E0 02 8B 00");
        await("disconnected", () -> !heard.disconnected.isEmpty());
        assertThat(heard.disconnected).containsExactly("code 139");
        assertThat(heard.failed).containsExactly("1");
    }

    @Test
    void messageArrived_withManualAcknowledgement_isAcknowledgedByBareIdentifierOnly() throws Exception {
        connect(FakeServer.CONNACK);
        server.send("32 08 00 01 61 00 07 00 68 69");
        await("arrived", () -> heard.arrived.size() == 1);
        assertThat(server.waiting()).isZero();
        client.messageArrivedComplete(9, 1);
        assertThat(server.packet())
                .as("9 never came, and is acknowledged all the same")
                .containsExactly(0x40, 0, 9);
        client.messageArrivedComplete(7, 1);
        assertThat(server.packet()).containsExactly(0x40, 0, 7);
    }

    @Test
    void messageArrived_thatBlocks_stopsAnswersToPublicationsToo() throws Exception {
        connect(FakeServer.CONNACK);
        publish("a", "1", 1);
        String puback = FakeServer.puback(FakeServer.packetId(server.packet(3)));
        heard.block = new CountDownLatch(1);
        for (int i = 1; i <= 30; i++) {
            server.send("32 08 00 01 61 00 " + HexFormat.of().toHexDigits((byte) i) + " 00 68 69");
        }
        await("first arrived", () -> heard.arrived.size() == 1);
        server.send(puback);
        client.messageArrivedComplete(1, 1);
        server.packet(4); // A round trip through Paho's sender: time for the receiver to have done what it could.
        assertThat(heard.succeeded)
                .as("the receiver waits behind ten queued messages")
                .isEmpty();
        heard.block.countDown();
        await("all arrived", () -> heard.arrived.size() == 30);
        await("answered", () -> heard.succeeded.size() == 1);
    }

    @Test
    void header_inTwoPartsMoreThanASecondApart_losesItsPlaceInTheStream() throws Exception {
        connect(FakeServer.CONNACK);
        publish("a", "1", 1);
        server.packet(3);
        server.send("40");
        publish("a", "later", 0);
        server.packet(3);
        // Paho's read limit of one second passes in the pause; there is no event to wait for.
        new CountDownLatch(1).await(2_500, TimeUnit.MILLISECONDS);
        server.send("02 00 01");
        await("connection given up over a good PUBACK", () -> !heard.disconnected.isEmpty());
        assertThat(heard.succeeded).containsExactly("later null");
    }

    @Test
    void correlationData_above32767Bytes_killsTheReceiverSilently() throws Exception {
        connect(FakeServer.CONNACK);
        String properties = "09 80 00" + "00".repeat(32_768);
        // remaining length 3 + 2 + 3 + 32,771 = 32,779; property length 32,771
        server.send("32 8B 80 02 00 01 61 00 07 83 80 02" + properties);
        await("receiver gone", () -> !UpstreamThreads.isAlive("Rec", clientId));
        assertThat(client.isConnected()).as("nobody has noticed").isTrue();
        assertThat(heard.disconnected).isEmpty();
        client.disconnectForcibly(0, 0, false);
    }

    @Test
    void controlCharacter_inATopic_endsTheConnectionOnSending() throws Exception {
        connect(FakeServer.CONNACK);
        publish("a\u0001b", "1", 1);
        await("connection given up", () -> !heard.disconnected.isEmpty());
    }

    @Test
    void connect_peerThatAcceptsAndSaysNothing_waitsBeyondTheConnectionTimeout() throws Exception {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setConnectionTimeout(1);
        IMqttToken token = client.connect(options);
        server.packet(1);
        assertThatThrownBy(() -> token.waitForCompletion(2_500)).isInstanceOf(MqttException.class);
        assertThat(UpstreamThreads.isAlive("Rec", clientId))
                .as("still waiting for CONNACK")
                .isTrue();
        client.disconnectForcibly(0, 0, false);
    }

    @Test
    void connect_peerThatClosesAtOnce_leavesItsStarterLookingForEver() throws Exception {
        ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(6, task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true); // One of them never ends.
            return thread;
        });
        try (ServerSocket closing = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            MqttAsyncClient lost = new MqttAsyncClient(
                    "tcp://127.0.0.1:" + closing.getLocalPort(), UpstreamThreads.LOST, persistence, null, threads);
            IMqttToken token = lost.connect(new MqttConnectionOptions(), "lost", heard);
            closing.accept().close();
            await("failed", () -> heard.failed.contains("lost"));
            assertThat(token.isComplete()).isFalse();
            threads.shutdownNow();
            assertThat(threads.awaitTermination(2, TimeUnit.SECONDS)).isFalse();
        }
    }

    /** Counts what it holds. */
    private static final class CountingPersistence extends MemoryPersistence {
        private final AtomicInteger entries = new AtomicInteger();

        @Override
        public void put(String key, MqttPersistable persistable)
                throws org.eclipse.paho.mqttv5.common.MqttPersistenceException {
            if (!containsKey(key)) {
                entries.incrementAndGet();
            }
            super.put(key, persistable);
        }

        @Override
        public void remove(String key) throws org.eclipse.paho.mqttv5.common.MqttPersistenceException {
            if (containsKey(key)) {
                entries.decrementAndGet();
            }
            super.remove(key);
        }
    }

    /** Writes down what Paho tells. */
    private static final class Heard implements MqttCallback, MqttActionListener {
        private final List<String> succeeded = new CopyOnWriteArrayList<>();
        private final List<String> failed = new CopyOnWriteArrayList<>();
        private final List<String> disconnected = new CopyOnWriteArrayList<>();
        private final List<String> arrived = new CopyOnWriteArrayList<>();
        private volatile CountDownLatch block = new CountDownLatch(0);

        @Override
        public void onSuccess(IMqttToken token) {
            int[] codes = token.getReasonCodes();
            List<Integer> list = new ArrayList<>();
            if (codes != null) {
                for (int code : codes) {
                    list.add(code);
                }
            }
            succeeded.add(token.getUserContext() + " " + (codes == null ? "null" : list.toString()));
        }

        @Override
        public void onFailure(IMqttToken token, Throwable exception) {
            failed.add(String.valueOf(token.getUserContext()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            disconnected.add(
                    response.getException() == null
                            ? "code " + response.getReturnCode()
                            : String.valueOf(response.getException().getMessage()));
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) throws InterruptedException {
            arrived.add(topic);
            block.await();
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}

        @Override
        public String toString() {
            return "succeeded " + succeeded + " failed " + failed + " disconnected " + disconnected;
        }
    }
}
