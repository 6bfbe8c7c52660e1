// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.net.UpstreamLink;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** A link on a live loop, which must leave no thread behind. */
class LinkHarness {

    static final long NOW = 1_234_567;

    final LiveLoop live = new LiveLoop();
    final Recorder heard = new Recorder();
    final Settings.Upstream settings = Samples.upstream(100, "mqtt://127.0.0.1:1");
    final UpstreamLink upstream = link(settings, heard);

    @AfterEach
    void leaveNothing() {
        live.run(upstream::disconnect);
        UpstreamThreads.awaitNone();
        live.close();
        assertThat(heard.answeredTwice).isEmpty();
        assertThat(heard.closed).hasSizeLessThanOrEqualTo(Math.max(1, connects));
    }

    UpstreamLink link(Settings.Upstream with, Upstream.Events events) {
        return live.on(() -> new UpstreamLink(live.place(), with, 64 * 1024, live.loop(), events, () -> NOW));
    }

    final AtomicInteger endings = new AtomicInteger();
    int connects;

    void connect(int port) {
        connects++;
        live.run(() -> upstream.connect(URI.create("mqtt://127.0.0.1:" + port)));
    }

    void connect(FakeServer server, String connack) {
        connect(server.port());
        server.accept(connack);
        heard.awaitConnected(connects);
    }

    void publish(long token, String topic, String payload, Qos qos) {
        live.run(() -> upstream.publish(
                token, new TopicName(topic), qos, false, Message.NEVER, Samples.message("local/x", payload)));
    }

    static void await(String what, BooleanSupplier condition) {
        LiveLoop.awaitAnywhere(what, Duration.ofSeconds(30), condition);
    }
}
