// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5Auth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5AuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The client's side of SCRAM-SHA-256 by libraries of somebody else's: OnGres's for SCRAM, in HiveMQ's client for MQTT. */
final class ScramLibrary implements Mqtt5EnhancedAuthMechanism {

    private final String user;
    private final String password;
    private @Nullable ScramClient exchange;

    /** How often the gateway has proved that it knows the user, too. */
    int proved;

    ScramLibrary(String user, String password) {
        this.user = user;
        this.password = password;
    }

    private ScramClient begin() {
        ScramClient begun = ScramClient.builder()
                .advertisedMechanisms(List.of("SCRAM-SHA-256"))
                .username(user)
                .password(password.toCharArray())
                .build();
        exchange = begun;
        return begun;
    }

    private ScramClient exchange() {
        if (exchange == null) {
            throw new IllegalStateException("no exchange has begun");
        }
        return exchange;
    }

    private static byte[] bytes(Object message) {
        return message.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Optional<ByteBuffer> data) {
        return StandardCharsets.UTF_8.decode(data.orElseThrow()).toString();
    }

    @Override
    public MqttUtf8String getMethod() {
        return MqttUtf8String.of("SCRAM-SHA-256");
    }

    @Override
    public int getTimeout() {
        return 20;
    }

    @Override
    public CompletableFuture<Void> onAuth(
            Mqtt5ClientConfig client, Mqtt5Connect connect, Mqtt5EnhancedAuthBuilder auth) {
        auth.data(bytes(begin().clientFirstMessage()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> onReAuth(Mqtt5ClientConfig client, Mqtt5AuthBuilder auth) {
        auth.data(bytes(begin().clientFirstMessage()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Boolean> onContinue(Mqtt5ClientConfig client, Mqtt5Auth auth, Mqtt5AuthBuilder answer) {
        try {
            exchange().serverFirstMessage(text(auth.getData()));
            answer.data(bytes(exchange().clientFinalMessage()));
            return CompletableFuture.completedFuture(true);
        } catch (ScramException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Boolean> check(Optional<ByteBuffer> data) {
        try {
            exchange().serverFinalMessage(text(data));
            proved++;
            return CompletableFuture.completedFuture(true);
        } catch (ScramException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Boolean> onAuthSuccess(Mqtt5ClientConfig client, Mqtt5ConnAck connack) {
        return check(connack.getEnhancedAuth().orElseThrow().getData());
    }

    @Override
    public CompletableFuture<Boolean> onReAuthSuccess(Mqtt5ClientConfig client, Mqtt5Auth auth) {
        return check(auth.getData());
    }

    @Override
    public void onAuthRejected(Mqtt5ClientConfig client, Mqtt5ConnAck connack) {
        exchange = null;
    }

    @Override
    public void onReAuthRejected(Mqtt5ClientConfig client, Mqtt5Disconnect disconnect) {
        exchange = null;
    }

    @Override
    public void onAuthError(Mqtt5ClientConfig client, Throwable cause) {
        exchange = null;
    }

    @Override
    public void onReAuthError(Mqtt5ClientConfig client, Throwable cause) {
        exchange = null;
    }
}
