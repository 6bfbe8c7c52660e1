// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.GatewayProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Two gateways, one bridged to the other, killed with SIGKILL at instants that a seed decides, in the midst of publishers with QoS 1 and 2
 * and retained messages, of a subscriber that is there, one that comes and goes, a shared subscription, and subscriptions that come and
 * go. After each kill what is there is compared with what was acknowledged, and now and then everything is let arrive.
 *
 * <p>The seed makes every choice; what the machine does meanwhile it does not decide.
 */
final class CrashRun implements AutoCloseable {

    private static final int PUBLISHERS = 4;
    private static final int CYCLES_TO_SETTLE = 10;
    private static final Duration SETTLE_MAX = Duration.ofSeconds(90);

    private static final String UPSTREAM = """
            gateway: {id: cloud}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            """;

    private static final String GATEWAY = """
            gateway: {id: plant-7}
            data: {dir: DATA, sync: SYNC}
            listeners: {local: {port: PORT, io-thread: THREAD}}
            bridges:
              cloud:
                upstream:
                  addresses: ["mqtt://127.0.0.1:UPSTREAM"]
                  reconnect: {first: 50ms, last: 500ms}
                rules: [{forward: "load/#", to: "site/load/#"}]
            """;

    /** What the journal waits, from one life to the next. */
    private static final List<String> SYNCS = List.of(
            "{}",
            "{outage-delay: 0ms, settle-delay: 0ms}",
            "{outage-delay: 50ms, settle-delay: 250ms}",
            "{outage-delay: 5ms, settle-delay: 2s}");

    /** Where its sockets live, in the same way. */
    private static final List<String> THREADS = List.of("shared", "own");

    private final long seed;
    private final SplittableRandom random;
    private final CrashLedger ledger = new CrashLedger();
    private final GatewayProcess upstream;
    private final GatewayProcess gateway;
    private final List<CrashReceiver> steady = new ArrayList<>();
    private final List<CrashReceiver> changing = new ArrayList<>();
    private final CrashSubscriptions subscriptions;
    private final CrashRetained retained;
    private final List<CrashPublisher> publishers;
    private int killedInStart;

    /** The gateway to which the other one forwards. */
    static GatewayProcess upstream() {
        return GatewayProcess.start(UPSTREAM);
    }

    /** The gateway that is killed. */
    static GatewayProcess gateway(GatewayProcess upstream) {
        return GatewayProcess.start(yaml(upstream, SYNCS.getFirst(), THREADS.getLast()));
    }

    private static String yaml(GatewayProcess upstream, String sync, String thread) {
        return GATEWAY.replace("UPSTREAM", String.valueOf(upstream.port()))
                .replace("SYNC", sync)
                .replace("THREAD", thread);
    }

    CrashRun(long seed, GatewayProcess upstream, GatewayProcess gateway) {
        this.seed = seed;
        this.upstream = upstream;
        this.gateway = gateway;
        random = new SplittableRandom(seed);
        ledger.receiver("steady", CrashLedger.Promise.SUBSCRIBER);
        ledger.receiver("changing", CrashLedger.Promise.SUBSCRIBER);
        ledger.receiver("upstream", CrashLedger.Promise.BRIDGED);
        ledger.receiver("share", CrashLedger.Promise.SHARED);
        steady.add(new CrashReceiver(gateway.port(), "steady", "load/#", "steady", ledger));
        steady.add(new CrashReceiver(upstream.port(), "upstream", "site/load/#", "upstream", ledger));
        steady.add(new CrashReceiver(gateway.port(), "share-0", "$share/crew/load/#", "share", ledger));
        changing.add(new CrashReceiver(gateway.port(), "share-1", "$share/crew/load/#", "share", ledger));
        changing.add(new CrashReceiver(gateway.port(), "changing", "load/#", "changing", ledger));
        subscriptions = new CrashSubscriptions(gateway.port(), random.split(), ledger);
        retained = new CrashRetained(gateway.port(), PUBLISHERS, ledger);
        publishers = IntStream.range(0, PUBLISHERS)
                .mapToObj(index -> new CrashPublisher(gateway.port(), index, ledger))
                .toList();
        subscriptions.start();
    }

    /**
     * So many kills, and at the end everything is there.
     *
     * @throws AssertionError if not; the message has the seed, and the folders, which are kept
     */
    void run(int cycles) {
        try {
            killAndCompare(cycles);
        } catch (IOException | RuntimeException | AssertionError broken) {
            throw new AssertionError(
                    "seed %d: %s%n%s%nkept: %s and, upstream, %s"
                            .formatted(seed, broken.getMessage(), ledger.explain(), gateway.keep(), upstream.keep()),
                    broken);
        }
    }

    private void killAndCompare(int cycles) throws IOException {
        for (int cycle = 1; cycle <= cycles; cycle++) {
            cycle();
            subscriptions.verify();
            retained.verify();
            if (cycle % CYCLES_TO_SETTLE == 0 || cycle == cycles) {
                settle();
                System.out.printf(
                        "crash: %,d cycles, %d kills before it listened, %,d changes of subscriptions; %s%n",
                        cycle, killedInStart, subscriptions.changes(), ledger.summary());
            }
            check("cycle " + cycle);
            subscriptions.start();
        }
    }

    /** One life of the gateway and its end, and the beginning of the next one. */
    private void cycle() {
        for (CrashPublisher publisher : publishers) {
            publisher.rate(random.nextInt(1, 10) * random.nextInt(1, 100));
        }
        for (CrashReceiver receiver : changing) {
            receiver.connected(random.nextInt(3) == 0);
        }
        boolean upstreamDies = random.nextInt(4) == 0;
        sleep(random.nextInt(100, 1_000));
        if (upstreamDies) {
            upstream.kill();
        }
        sleep(random.nextInt(100, 1_000));
        gateway.kill();
        gateway.configure(
                yaml(upstream, SYNCS.get(random.nextInt(SYNCS.size())), THREADS.get(random.nextInt(THREADS.size()))));
        subscriptions.awaitEnd();
        if (random.nextInt(5) == 0) {
            gateway.launch();
            sleep(random.nextInt(50, 2_000));
            gateway.kill();
            killedInStart++;
        }
        if (upstreamDies) {
            upstream.launch();
        }
        gateway.restart();
        upstream.awaitListening();
    }

    private void settle() {
        publishers.forEach(publisher -> publisher.paused(true));
        changing.forEach(receiver -> receiver.connected(true));
        long deadline = System.nanoTime() + SETTLE_MAX.toNanos();
        while (publishers.stream().mapToInt(CrashPublisher::openCount).sum() > 0 || ledger.missing() > 0) {
            check("settling");
            if (System.nanoTime() > deadline) {
                int open =
                        publishers.stream().mapToInt(CrashPublisher::openCount).sum();
                ledger.problem("not acknowledged: " + open + "; lost: " + ledger.missing());
            }
            sleep(20);
        }
        publishers.forEach(publisher -> publisher.paused(false));
    }

    private void check(String when) {
        if (!ledger.problems().isEmpty()) {
            throw new AssertionError(
                    "%s: %s%n%s".formatted(when, ledger.summary(), String.join("\n", ledger.problems())));
        }
    }

    private static void sleep(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public void close() {
        publishers.forEach(CrashPublisher::close);
        steady.forEach(CrashReceiver::close);
        changing.forEach(CrashReceiver::close);
        subscriptions.close();
    }
}
