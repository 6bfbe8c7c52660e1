// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A bridge between fakes, on a loop that is turned by hand. */
class BridgeHarness {

    static final String A = "mqtt://a.example:1883";
    static final String B = "mqtt://b.example:1883";
    static final BridgeRule.Forward SENSORS = Samples.forward("sensors", "sensors/#");

    final ManualExecutor executor = new ManualExecutor();
    final Loop loop = new Loop(executor);
    final FakeUpstream upstream = new FakeUpstream();
    final Map<String, MemoryBacklog> backlogs = new HashMap<>();
    final List<String> parked = new ArrayList<>();
    final List<Message> taken = new ArrayList<>();
    final List<Runnable> durables = new ArrayList<>();
    int window = 10;
    boolean room = true;
    Inlet.Answer answer = Inlet.Answer.TAKEN;

    private final Inlet inlet = new Inlet() {
        @Override
        public Answer take(BridgeRule.Fetch rule, Message renamed, Runnable durable) {
            switch (answer) {
                case TAKEN -> {
                    taken.add(renamed);
                    durables.add(durable);
                }
                case REFUSED -> durables.add(durable);
                case LATER -> {} // it comes again
            }
            return answer;
        }

        @Override
        public boolean hasRoom() {
            return room;
        }
    };

    Bridge start(BridgeRule... rules) {
        Bridge bridge = new Bridge(
                new Settings.Bridge("cloud", Samples.upstream(window, A, B), List.of(rules)),
                loop,
                upstream::with,
                rule -> backlogs.computeIfAbsent(rule.name(), name -> new MemoryBacklog()),
                inlet,
                (rule, delivery, reason) ->
                        parked.add(delivery.message().payload().text() + " " + reason.name()),
                new SplittableRandom(1),
                executor::millis);
        bridge.start();
        executor.run();
        return bridge;
    }

    void connect() {
        connect(FakeUpstream.terms(65_535));
    }

    void connect(Terms terms) {
        upstream.events.connected(terms);
        executor.run();
    }

    void close(End end) {
        upstream.published.clear();
        upstream.events.closed(end, "test");
        executor.run();
    }

    void reconnect() {
        executor.advance(Duration.ofMillis(200));
        connect();
    }

    MemoryBacklog backlog(String rule, String... payloads) {
        MemoryBacklog backlog = backlogs.computeIfAbsent(rule, name -> new MemoryBacklog());
        for (String payload : payloads) {
            backlog.add(Samples.message(rule + "/x", payload));
        }
        executor.run();
        return backlog;
    }

    void answerAll(ReasonCode reason) {
        while (!upstream.published.isEmpty()) {
            upstream.answer(reason);
            executor.run();
        }
    }
}
