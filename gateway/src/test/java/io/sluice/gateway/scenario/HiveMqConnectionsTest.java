// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static io.sluice.gateway.scenario.HiveMqClients.next;
import static io.sluice.gateway.scenario.HiveMqClients.publish;
import static io.sluice.gateway.scenario.HiveMqClients.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckRestrictions;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.sluice.config.Settings;
import io.sluice.gateway.RunningGateway;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What MQTT 5 has for connections and sessions, each seen by a client library of somebody else's. */
@Tag("wire")
@Timeout(60)
final class HiveMqConnectionsTest {

    private static final long PATIENCE_SECONDS = 20;

    private final RunningGateway gateway = RunningGateway.start();
    private final HiveMqClients clients = new HiveMqClients(gateway);

    @AfterEach
    void close() {
        clients.close();
        gateway.close();
    }

    @Test
    void session_expiryChangedAtDisconnect_survivesARestartAndThenEnds() {
        Mqtt5BlockingClient client = clients.client("client");
        client.connectWith().cleanStart(false).sessionExpiryInterval(10).send();
        client.subscribeWith().topicFilter("a").qos(MqttQos.AT_LEAST_ONCE).send();
        client.disconnectWith().sessionExpiryInterval(100).send();
        gateway.restartAfter(Duration.ofSeconds(50));
        Mqtt5BlockingClient again = clients.client("client");
        assertThat(again.connectWith()
                        .cleanStart(false)
                        .sessionExpiryInterval(10)
                        .send()
                        .isSessionPresent())
                .isTrue();
        again.disconnect();
        gateway.restartAfter(Duration.ofSeconds(50));
        assertThat(clients.client("client")
                        .connectWith()
                        .cleanStart(false)
                        .send()
                        .isSessionPresent())
                .isFalse();
    }

    @Test
    void will_delayed_comesAfterARestartUnlessItsClientIsBack() throws InterruptedException {
        Mqtt5BlockingClient watching = clients.client("watching");
        watching.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send();
        watching.subscribeWith()
                .topicFilter("wills/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
        for (String name : new String[] {"back", "gone"}) {
            clients.client(name)
                    .connectWith()
                    .cleanStart(false)
                    .sessionExpiryInterval(3_600)
                    .willPublish()
                    .topic("wills/" + name)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .delayInterval(100)
                    .applyWillPublish()
                    .send();
        }
        gateway.restart();
        clients.client("back")
                .connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3_600)
                .send();
        gateway.restartAfter(Duration.ofSeconds(200));
        Mqtt5BlockingClient again = clients.client("watching");
        try (Mqtt5Publishes publishes = again.publishes(MqttGlobalPublishFilter.ALL)) {
            again.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send();
            assertThat(next(publishes).getTopic()).hasToString("wills/gone");
            assertThat(publishes.receiveNow()).isEmpty();
        }
    }

    @Test
    void connack_saysWhatIsOffered() {
        gateway.restart(limits -> Limits.keepAlive(limits, Duration.ofSeconds(30)));
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(gateway.port())
                .buildBlocking();
        Mqtt5ConnAck connAck = client.connectWith().keepAlive(600).send();
        assertThat(connAck.getAssignedClientIdentifier()).isPresent();
        assertThat(connAck.getServerKeepAlive()).hasValue(30);
        Mqtt5ConnAckRestrictions restrictions = connAck.getRestrictions();
        assertThat(restrictions.getMaximumQos()).isEqualTo(MqttQos.EXACTLY_ONCE);
        assertThat(restrictions.isSharedSubscriptionAvailable()).isTrue();
        assertThat(restrictions.getReceiveMaximum()).isEqualTo(1_024);
        assertThat(restrictions.getMaximumPacketSize()).isEqualTo(1 << 20);
        client.disconnect();
    }

    @Test
    void responseInformation_andRequest_findTheirWay() throws InterruptedException {
        gateway.restartWith(mqtt -> telling(mqtt, Optional.of("responses/{client}"), Optional.empty()));
        Mqtt5BlockingClient client = clients.client("client");
        Mqtt5ConnAck connAck = client.connectWith()
                .restrictions()
                .requestResponseInformation(true)
                .applyRestrictions()
                .send();
        String responses = connAck.getResponseInformation().orElseThrow().toString();
        assertThat(responses).isEqualTo("responses/client");
        Mqtt5BlockingClient server = clients.connected("server");
        try (Mqtt5Publishes requests = server.publishes(MqttGlobalPublishFilter.ALL);
                Mqtt5Publishes answers = client.publishes(MqttGlobalPublishFilter.ALL)) {
            server.subscribeWith().topicFilter("requests").send();
            client.subscribeWith().topicFilter(responses).send();
            client.publishWith().topic("requests").responseTopic(responses).send();
            publish(server, next(requests).getResponseTopic().orElseThrow().toString(), "42", MqttQos.AT_LEAST_ONCE);
            assertThat(text(next(answers))).isEqualTo("42");
        }
    }

    private static Settings.Mqtt telling(
            Settings.Mqtt from, Optional<String> responseInformation, Optional<Settings.Redirect> redirect) {
        return new Settings.Mqtt(
                from.maximumQos(),
                from.retain(),
                from.wildcardSubscriptions(),
                from.subscriptionIdentifiers(),
                from.sharedSubscriptions(),
                from.topicAliases(),
                from.checkPayloadFormat(),
                from.sysInterval(),
                responseInformation,
                redirect);
    }

    @Test
    void redirect_forGood_namesTheOtherServer() {
        gateway.restartWith(mqtt -> telling(
                mqtt,
                Optional.empty(),
                Optional.of(new Settings.Redirect("other:1883", Settings.Redirect.When.FOR_GOOD))));
        assertThatThrownBy(() -> clients.client("client").connect())
                .isInstanceOfSatisfying(Mqtt5ConnAckException.class, refused -> {
                    assertThat(refused.getMqttMessage().getReasonCode()).isEqualTo(Mqtt5ConnAckReasonCode.SERVER_MOVED);
                    assertThat(refused.getMqttMessage().getServerReference().orElseThrow())
                            .hasToString("other:1883");
                    assertThat(refused.getMqttMessage().getReasonString()).isPresent();
                });
    }

    @Test
    void takeOver_isToldToTheOlderConnection() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Mqtt5BlockingClient older = Mqtt5Client.builder()
                .identifier("client")
                .serverHost("127.0.0.1")
                .serverPort(gateway.port())
                .addDisconnectedListener(context -> ended.complete(context.getCause()))
                .buildBlocking();
        older.connect();
        clients.connected("client");
        assertThat(ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(Mqtt5DisconnectException.class, told -> {
                    assertThat(told.getMqttMessage().getReasonCode())
                            .isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER);
                    assertThat(told.getMqttMessage().getReasonString()).isPresent();
                });
    }

    @Test
    void refusals_sayWhy() {
        gateway.restart(limits -> Limits.subscriptions(limits, 1));
        Mqtt5BlockingClient client = clients.connected("client");
        client.subscribeWith().topicFilter("a").send();
        assertThatThrownBy(() -> client.subscribeWith().topicFilter("b").send())
                .isInstanceOfSatisfying(Mqtt5SubAckException.class, refused -> {
                    assertThat(refused.getMqttMessage().getReasonCodes())
                            .containsExactly(Mqtt5SubAckReasonCode.QUOTA_EXCEEDED);
                    assertThat(refused.getMqttMessage().getReasonString()).isPresent();
                });
        assertThat(((com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos1Result)
                                client.publishWith()
                                        .topic("nobody")
                                        .qos(MqttQos.AT_LEAST_ONCE)
                                        .send())
                        .getPubAck()
                        .getReasonCode())
                .isEqualTo(Mqtt5PubAckReasonCode.NO_MATCHING_SUBSCRIBERS);
    }
}
