// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.gateway.CuttableProxy;
import io.sluice.gateway.Mosquitto;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.net.UpstreamLink;
import io.sluice.rules.BridgeRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bridge and link together against a real Mosquitto, over a link that breaks. */
class BridgeScenarioTest {

    private static final int MESSAGES = 20_000;
    private static final int WINDOW = 200;
    private static final BridgeRule.Forward SENSORS = Samples.forward("sensors", "sensors/#");

    private final LiveLoop live = new LiveLoop();
    private final MemoryBacklog backlog = new MemoryBacklog();
    private final List<String> parked = new CopyOnWriteArrayList<>();
    private final List<Message> taken = new CopyOnWriteArrayList<>();

    private final Inlet inlet = new Inlet() {
        @Override
        public Answer take(BridgeRule.Fetch rule, Message renamed, Runnable durable) {
            taken.add(renamed);
            durable.run();
            return Answer.TAKEN;
        }

        @Override
        public boolean hasRoom() {
            return true;
        }
    };

    @AfterEach
    void leaveNothing() {
        live.close();
        UpstreamThreads.awaitNone();
    }

    private Bridge start(int window, int port, BridgeRule... rules) {
        return live.on(() -> {
            Settings.Upstream upstream = Samples.upstream(window, "mqtt://127.0.0.1:" + port);
            Bridge bridge = new Bridge(
                    new Settings.Bridge("cloud", upstream, List.of(rules)),
                    live.loop(),
                    events -> new UpstreamLink(
                            live.place(), upstream, 1024 * 1024, live.loop(), events, System::currentTimeMillis),
                    rule -> backlog,
                    inlet,
                    (rule, delivery, reason) -> parked.add(reason.name()),
                    new SplittableRandom(3),
                    System::currentTimeMillis);
            bridge.start();
            return bridge;
        });
    }

    private void close(Bridge bridge) {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        live.run(() -> bridge.close(() -> closed.complete(true)));
        LiveLoop.get(closed);
    }

    private void fill(int from, int to) {
        live.run(() -> IntStream.range(from, to).forEach(i -> backlog.add(Samples.message("sensors/x", "m" + i))));
    }

    private static Set<String> payloads(int count) {
        Set<String> all = new HashSet<>();
        IntStream.range(0, count).forEach(i -> all.add("m" + i));
        return all;
    }

    private static List<String> firsts(List<String> arrivals) {
        return new ArrayList<>(new LinkedHashSet<>(arrivals));
    }

    private void assertAllArrivedInOrder(Watcher watcher, int window, long reconnects) {
        LiveLoop.awaitAnywhere(
                "all " + MESSAGES + " arrived",
                Duration.ofSeconds(60),
                () -> new HashSet<>(watcher.payloads()).containsAll(payloads(MESSAGES)));
        List<String> arrivals = watcher.payloads();
        List<String> expected =
                IntStream.range(0, MESSAGES).mapToObj(i -> "m" + i).toList();
        assertThat(firsts(arrivals)).isEqualTo(expected);
        assertThat(arrivals.size() - MESSAGES).isLessThanOrEqualTo((int) (window * reconnects));
        assertThat(parked).isEmpty();
    }

    @Test
    void forwarding_linkCutAgainAndAgain_losesNothingKeepsOrderAndRepeatsAtMostTheWindow() {
        SplittableRandom random = new SplittableRandom(20_261);
        try (Mosquitto mosquitto = Mosquitto.start();
                CuttableProxy proxy = new CuttableProxy(mosquitto.port());
                Watcher watcher = new Watcher(mosquitto.port(), "sensors/#")) {
            fill(0, MESSAGES);
            Bridge bridge = start(WINDOW, proxy.port(), SENSORS);
            for (int cut = 0; cut < 20; cut++) {
                int wanted = (cut + 1) * (MESSAGES / 25);
                live.await(
                        "progress",
                        Duration.ofSeconds(30),
                        () -> backlog.settled().size() >= wanted);
                if (random.nextBoolean()) {
                    proxy.cut();
                } else {
                    proxy.cutAfter(random.nextInt(1, 3_000));
                }
            }
            live.await("all settled", Duration.ofSeconds(60), () -> backlog.depth() == 0);
            BridgeStatus status = live.on(bridge::status);
            assertThat(status.counts().reconnects()).isGreaterThanOrEqualTo(19);
            assertAllArrivedInOrder(watcher, WINDOW, status.counts().reconnects());
            close(bridge);
        }
    }

    @Test
    void forwarding_upstreamKilledAndBack_losesNothing() {
        try (Mosquitto mosquitto = Mosquitto.start();
                CuttableProxy proxy = new CuttableProxy(mosquitto.port())) {
            Bridge bridge = start(WINDOW, proxy.port(), SENSORS);
            fill(0, 2_000);
            live.await(
                    "some settled",
                    Duration.ofSeconds(30),
                    () -> backlog.settled().size() > 500);
            mosquitto.kill();
            fill(2_000, 4_000);
            mosquitto.restart();
            live.await("all settled", Duration.ofSeconds(60), () -> backlog.depth() == 0);
            assertThat(backlog.settled()).hasSize(4_000).doesNotHaveDuplicates();
            assertThat(parked).isEmpty();
            close(bridge);
        }
    }

    @Test
    void forwarding_upstreamFrozenAndThawed_goesOnWithoutLoss() {
        try (Mosquitto mosquitto = Mosquitto.start();
                Watcher watcher = new Watcher(mosquitto.port(), "sensors/#")) {
            Bridge bridge = start(WINDOW, mosquitto.port(), SENSORS);
            fill(0, 1_000);
            live.await(
                    "some settled",
                    Duration.ofSeconds(30),
                    () -> backlog.settled().size() > 100);
            mosquitto.freeze();
            fill(1_000, 3_000);
            mosquitto.thaw();
            live.await("all settled", Duration.ofSeconds(60), () -> backlog.depth() == 0);
            LiveLoop.awaitAnywhere(
                    "all arrived",
                    Duration.ofSeconds(30),
                    () -> new HashSet<>(watcher.payloads()).equals(payloads(3_000)));
            close(bridge);
        }
    }

    @Test
    void fetching_linkCutWhileMessagesWait_takesEveryMessage() {
        try (Mosquitto mosquitto = Mosquitto.start();
                CuttableProxy proxy = new CuttableProxy(mosquitto.port());
                Watcher sender = new Watcher(mosquitto.port(), "none")) {
            Bridge bridge = start(WINDOW, proxy.port(), Samples.fetch("settings", "settings/#"));
            live.await("running", Duration.ofSeconds(15), () -> bridge.status().state() == BridgeStatus.State.RUNNING);
            for (int i = 0; i < 2_000; i++) {
                sender.publish("settings/a", "m" + i);
                if (i % 400 == 200) {
                    proxy.cut();
                }
            }
            LiveLoop.awaitAnywhere(
                    "all fetched",
                    Duration.ofSeconds(60),
                    () -> taken.stream()
                            .map(message -> message.payload().text())
                            .collect(Collectors.toSet())
                            .equals(payloads(2_000)));
            close(bridge);
        }
    }

    @Test
    void forwarding_windowOfAThousand_isMeasured() {
        int count = 100_000;
        try (Mosquitto mosquitto = Mosquitto.start("max_inflight_messages 0")) {
            fill(0, count);
            long begin = System.nanoTime();
            Bridge bridge = start(1_000, mosquitto.port(), SENSORS);
            live.await("all settled", Duration.ofSeconds(60), () -> backlog.depth() == 0);
            long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            System.out.println("forwarded at QoS 1, window 1,000: " + count * 1_000L / millis + " messages a second");
            assertThat(backlog.settled()).hasSize(count);
            close(bridge);
        }
    }

    @Test
    void connecting_peerThatClosesAtOnce_leavesNoThreads() {
        try (Mosquitto mosquitto = Mosquitto.start();
                CuttableProxy proxy = new CuttableProxy(mosquitto.port())) {
            proxy.refuse();
            Bridge bridge = start(WINDOW, proxy.port(), SENSORS);
            live.await(
                    "refused ten times",
                    Duration.ofSeconds(30),
                    () -> bridge.status().counts().failures() >= 10);
            fill(0, 100);
            proxy.pass();
            live.await("all settled", Duration.ofSeconds(60), () -> backlog.depth() == 0);
            close(bridge);
        }
    }
}
