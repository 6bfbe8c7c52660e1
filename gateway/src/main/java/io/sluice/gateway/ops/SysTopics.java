// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.session.Sessions;
import io.sluice.gateway.session.Traffic;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Statistics as retained messages below {@code $SYS/broker}, under the names that Mosquitto has made customary. Published when they
 * have changed; never written to disk. On the broker thread.
 */
public final class SysTopics {

    private static final String ROOT = "$SYS/broker/";

    private final Loop loop;
    private final Journal journal;
    private final Router router;
    private final RetainedMessages retained;
    private final Sessions sessions;
    private final List<Budget> budgets;
    private final Duration interval;
    private final String version;
    private final long startedAt;
    private final Map<String, String> published = new HashMap<>();
    private final Map<String, LoadAverage> loads = new LinkedHashMap<>();
    private long lookedAt;
    private int mostConnected;

    /**
     * @param budgets what the memory goes to
     * @param interval how often; zero for never
     */
    public SysTopics(
            Loop loop,
            Journal journal,
            Router router,
            RetainedMessages retained,
            Sessions sessions,
            List<Budget> budgets,
            Duration interval,
            String version) {
        this.loop = loop;
        this.journal = journal;
        this.router = router;
        this.retained = retained;
        this.sessions = sessions;
        this.budgets = List.copyOf(budgets);
        this.interval = interval;
        this.version = version;
        this.startedAt = journal.clock().now();
        this.lookedAt = startedAt;
    }

    /** Publishes for the first time and from then on in every interval. */
    public void start() {
        if (!interval.isZero()) {
            publish();
            loop.schedule(interval, this::start);
        }
    }

    private void publish() {
        say("version", version);
        say("uptime", (journal.clock().now() - startedAt) / 1_000 + " seconds");
        clients();
        traffic();
        stores();
        memory();
        loads();
    }

    private void clients() {
        int connected = sessions.clientCount();
        int total = sessions.count();
        mostConnected = Math.max(mostConnected, connected);
        say("clients/connected", connected);
        say("clients/active", connected);
        say("clients/disconnected", Math.max(0, total - connected));
        say("clients/inactive", Math.max(0, total - connected));
        say("clients/total", total);
        say("clients/maximum", mostConnected);
        say("clients/expired", sessions.counters().expiredSessions());
    }

    private void traffic() {
        Traffic traffic = sessions.traffic();
        say("messages/received", traffic.packetsReceived());
        say("messages/sent", traffic.packetsSent());
        say("bytes/received", traffic.bytesReceived());
        say("bytes/sent", traffic.bytesSent());
        say("publish/messages/received", traffic.publishReceived());
        say("publish/messages/sent", traffic.publishSent());
        say("publish/messages/dropped", dropped());
        say("publish/bytes/received", traffic.publishBytesReceived());
        say("publish/bytes/sent", traffic.publishBytesSent());
    }

    private long dropped() {
        return sessions.counters().dropped()
                + sessions.shares().droppedQos0()
                + sessions.shares().droppedSlow();
    }

    private void stores() {
        say("messages/stored", sessions.depth() + retained.count());
        say("store/messages/count", sessions.depth() + retained.count());
        say("store/messages/bytes", journal.upkeep().bytes());
        say("retained messages/count", retained.count());
        say("subscriptions/count", sessions.subscriptionCount());
        say("shared_subscriptions/count", sessions.shares().count());
    }

    private void memory() {
        for (Budget budget : budgets) {
            say("memory/" + budget.name() + "/current", budget.bytes());
            say("memory/" + budget.name() + "/most", budget.bytesMost());
            say("memory/" + budget.name() + "/maximum", budget.bytesMax());
            say("memory/" + budget.name() + "/exhausted", budget.exhaustions());
        }
        Runtime runtime = Runtime.getRuntime();
        say("heap/current", runtime.totalMemory() - runtime.freeMemory());
        say("heap/maximum", runtime.maxMemory());
    }

    private void loads() {
        long now = journal.clock().now();
        double seconds = (now - lookedAt) / 1_000.0;
        if (seconds > 0) {
            lookedAt = now;
            Traffic traffic = sessions.traffic();
            load("messages/received", traffic.packetsReceived(), seconds);
            load("messages/sent", traffic.packetsSent(), seconds);
            load("publish/received", traffic.publishReceived(), seconds);
            load("publish/sent", traffic.publishSent(), seconds);
            load("publish/dropped", dropped(), seconds);
            load("bytes/received", traffic.bytesReceived(), seconds);
            load("bytes/sent", traffic.bytesSent(), seconds);
            load("sockets", traffic.sockets(), seconds);
            load("connections", traffic.connections(), seconds);
        }
    }

    private void load(String name, long count, double seconds) {
        LoadAverage average = loads.computeIfAbsent(name, any -> new LoadAverage());
        average.update(count, seconds);
        for (int i = 0; i < LoadAverage.MINUTES.length; i++) {
            say("load/" + name + "/" + LoadAverage.MINUTES[i] + "min", average.text(i));
        }
    }

    private void say(String name, long value) {
        say(name, Long.toString(value));
    }

    private void say(String name, String value) {
        if (!value.equals(published.put(name, value))) {
            router.announce(Message.of(
                    new TopicName(ROOT + name),
                    Qos.AT_MOST_ONCE,
                    true,
                    MessageProperties.none(),
                    Message.NEVER,
                    journal.clock().now(),
                    Payload.ofText(value)));
        }
    }
}
