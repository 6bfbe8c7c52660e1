// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Events;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * One connection to upstream: one Paho client, used once and thrown away with everything it knew. Methods are called on the broker
 * thread; Paho's callbacks come on Paho's threads and only leave something in the {@link LinkInbox}.
 */
final class PahoLink implements MqttCallback {

    /** QoS 1 messages that upstream may have unacknowledged: they wait for the journal, so one batch of a slow card's worth. */
    static final int RECEIVE_MAXIMUM = 256;

    /** What a packet may be larger than the message in it was here: a longer topic, more properties. */
    private static final int HEADROOM_BYTES = 128 * 1024;

    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final long UINT32_MAX = 0xFFFF_FFFFL;
    /** Never looked up: {@link UpstreamSocket} knows where to go. */
    private static final String STAND_IN = "tcp://127.0.0.1:1883";

    private final long number;
    private final URI address;
    private final Settings.Upstream settings;
    private final long packetBytesMax;
    private final Loop loop;
    private final LongSupplier clock;
    private final LinkInbox inbox;
    private final UpstreamSocket socket;
    private final PahoThreads threads;
    private final MqttAsyncClient client;
    private boolean subscriptionIdentifiers;

    /** @param number which connection this is, for {@link Fetched#connection} */
    PahoLink(
            long number,
            URI address,
            Settings.Upstream settings,
            int packetBytesMax,
            Loop loop,
            Events events,
            LongSupplier clock)
            throws MqttException {
        this.number = number;
        this.address = address;
        this.settings = settings;
        this.packetBytesMax = (long) packetBytesMax + HEADROOM_BYTES;
        this.loop = loop;
        this.clock = clock;
        this.inbox = new LinkInbox(loop, events, RECEIVE_MAXIMUM);
        this.socket = new UpstreamSocket(address, settings.tls(), settings.connectTimeout());
        this.threads = new PahoThreads(settings.clientId(), death -> end(End.PEER, "Paho failed: " + death));
        this.client = new MqttAsyncClient(STAND_IN, settings.clientId(), new MemoryPersistence(), null, threads);
    }

    void connect() {
        client.setManualAcks(true);
        client.setCallback(this);
        loop.schedule(settings.connectTimeout(), () -> {
            if (!inbox.isConnected()) {
                end(
                        End.OTHER,
                        "no connection within " + settings.connectTimeout().toSeconds() + " s");
            }
        });
        try {
            client.connect(options(), null, listener(this::onConnack, this::onRefusal));
        } catch (MqttException | IllegalArgumentException e) {
            end(End.OTHER, String.valueOf(e.getMessage()));
        }
    }

    private MqttConnectionOptions options() {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setCleanStart(false);
        options.setSessionExpiryInterval(
                Math.min(UINT32_MAX, settings.sessionExpiry().toSeconds()));
        options.setKeepAliveInterval((int) settings.keepAlive().toSeconds());
        options.setReceiveMaximum(RECEIVE_MAXIMUM);
        options.setMaximumPacketSize(packetBytesMax);
        options.setUseSubscriptionIdentifiers(false); // The bridge gives its own.
        settings.userName().ifPresent(options::setUserName);
        settings.password().ifPresent(word -> options.setPassword(word.getBytes(StandardCharsets.UTF_8)));
        options.setSocketFactory(new OneSocketFactory(socket));
        return options;
    }

    private void onConnack(IMqttToken token) {
        Terms told = socket.connack()
                .map(Connack::terms)
                .orElse(new Terms(token.getSessionPresent(), 65_535, Qos.EXACTLY_ONCE, true, UINT32_MAX, true));
        Terms terms = new Terms(
                told.sessionPresent(),
                told.receiveMaximum(),
                told.maximumQos(),
                told.retainAvailable(),
                Math.min(told.maximumPacketSize(), packetBytesMax), // Paho keeps to its own limit when it sends.
                told.subscriptionIdentifiers());
        inbox.connected(terms, () -> subscriptionIdentifiers = terms.subscriptionIdentifiers());
    }

    private void onRefusal(Throwable trouble) {
        int reason = socket.connack().map(Connack::reason).orElse(0);
        if (reason != 0) {
            String said = socket.connack().map(Connack::reasonString).orElse("");
            end(End.OTHER, "refused: " + name(reason) + (said.isEmpty() ? "" : ", " + said));
        } else {
            end(End.OTHER, text(trouble));
        }
    }

    void subscribe(BridgeRule.Fetch rule, int identifier) {
        MqttSubscription subscription =
                new MqttSubscription(rule.from().value(), Math.min(1, rule.qos().level()));
        subscription.setNoLocal(rule.noLocal());
        subscription.setRetainAsPublished(rule.retainAsPublished());
        subscription.setRetainHandling(rule.retainHandling().ordinal());
        MqttProperties properties = new MqttProperties();
        if (subscriptionIdentifiers) {
            properties.setSubscriptionIdentifier(identifier);
        }
        try {
            client.subscribe(
                    new MqttSubscription[] {subscription},
                    null,
                    listener(token -> inbox.subscribed(rule, reason(token)), trouble -> {}),
                    properties);
        } catch (IllegalArgumentException e) {
            inbox.subscribed(rule, ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        } catch (MqttException e) {
            endUnlessEnding(e);
        }
    }

    void publish(long publication, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        MqttMessage paho;
        try {
            paho = PahoMessages.toPaho(topic, qos, retain, expirySeconds, message);
        } catch (MqttException | IllegalArgumentException e) {
            inbox.published(publication, ReasonCode.MALFORMED_PACKET);
            return;
        }
        try {
            client.publish(
                    topic.value(),
                    paho,
                    null,
                    listener(token -> inbox.published(publication, reason(token)), trouble -> {}));
        } catch (MqttException e) {
            endUnlessEnding(e);
        }
    }

    void acknowledge(Fetched fetched) {
        if (fetched.connection() != number || fetched.packetId() == 0) {
            return;
        }
        try {
            client.messageArrivedComplete(
                    fetched.packetId(), fetched.message().qos().level());
        } catch (MqttException e) {
            endUnlessEnding(e);
        }
    }

    /** Ends in good order: Paho's disconnect sleeps, so it runs on its threads, and a stuck one is cut. */
    void disconnect() {
        if (!inbox.isConnected()) {
            end(End.OTHER, "closed here");
            return;
        }
        loop.schedule(FAREWELL, () -> end(End.OTHER, "closed here, without a farewell"));
        try {
            threads.execute(this::sayFarewell);
        } catch (RejectedExecutionException e) {
            // It has just ended by itself.
        }
    }

    private void sayFarewell() {
        try {
            client.disconnect(
                    0,
                    null,
                    listener(token -> end(End.OTHER, "closed here"), trouble -> end(End.OTHER, "closed here")),
                    0,
                    new MqttProperties());
        } catch (MqttException e) {
            end(End.OTHER, "closed here");
        }
    }

    private void endUnlessEnding(MqttException e) {
        switch (e.getReasonCode()) {
            case MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED,
                    MqttClientException.REASON_CODE_CLIENT_DISCONNECTING,
                    MqttClientException
                            .REASON_CODE_CLIENT_CLOSED -> {} // Its end has been noticed and is on its way here.
            default -> end(End.OTHER, text(e));
        }
    }

    /** From any thread; the first call counts. */
    private void end(End end, String why) {
        if (inbox.closed(end, address + ": " + why)) {
            tearDown();
        }
    }

    /**
     * Leaves nothing behind. Paho can only be stopped safely once it has sent its CONNECT, see {@link Gate}; until then cutting the
     * socket makes it stop itself. Stopped in the moment in which CONNACK is read, it takes itself for connected again and its
     * sender waits for ever: so it is stopped until its threads have ended.
     */
    private void tearDown() {
        socket.cut();
        threads.endWith(() -> {
            socket.awaitPahoStarted();
            try {
                client.disconnectForcibly(0, 0, false);
            } catch (MqttException e) {
                // It had ended already.
            }
        });
    }

    @Override
    public void messageArrived(String topic, MqttMessage arrived) {
        Message message;
        try {
            message = PahoMessages.fromPaho(topic, arrived, clock.getAsLong());
        } catch (IllegalArgumentException e) {
            refuse(arrived, String.valueOf(e.getMessage()));
            return;
        }
        int packetId = arrived.getQos() == 0 ? 0 : arrived.getId();
        List<Integer> identifiers = List.copyOf(arrived.getProperties().getSubscriptionIdentifiers());
        inbox.fetched(new Fetched(number, packetId, message, identifiers));
    }

    private void refuse(MqttMessage arrived, String why) {
        inbox.refused(why);
        if (arrived.getQos() > 0) {
            try {
                client.messageArrivedComplete(arrived.getId(), arrived.getQos());
            } catch (MqttException e) {
                endUnlessEnding(e);
            }
        }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        MqttException trouble = response.getException();
        if (trouble == null) {
            String said = response.getReasonString();
            end(
                    End.PEER,
                    "disconnected by upstream: " + name(response.getReturnCode()) + (said == null ? "" : ", " + said));
            return;
        }
        int reason = trouble.getReasonCode();
        boolean silence = reason == MqttClientException.REASON_CODE_CLIENT_TIMEOUT
                || reason == MqttClientException.REASON_CODE_WRITE_TIMEOUT;
        end(silence ? End.OTHER : End.PEER, silence ? "no answer to keep alive" : text(trouble));
    }

    private static ReasonCode reason(IMqttToken token) {
        int[] codes = token.getReasonCodes();
        return codes == null || codes.length == 0
                ? ReasonCode.SUCCESS
                : ReasonCode.of(codes[0] & 0xFF).orElse(ReasonCode.UNSPECIFIED_ERROR);
    }

    private static String name(int code) {
        return ReasonCode.of(code & 0xFF).map(ReasonCode::toString).orElse("reason code " + code);
    }

    private static String text(Throwable trouble) {
        Throwable cause = trouble.getCause() == null ? trouble : trouble.getCause();
        if (cause instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        if (cause instanceof EOFException) {
            return "connection closed by upstream";
        }
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static MqttActionListener listener(Consumer<IMqttToken> done, Consumer<Throwable> failed) {
        return new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                done.accept(token);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable trouble) {
                failed.accept(trouble);
            }
        };
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
        // What matters of it ends the connection, which is told apart.
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Each publication has its own listener.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // The connect token has said so.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        // No extended authentication was begun.
    }
}
