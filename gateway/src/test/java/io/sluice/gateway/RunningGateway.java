// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.sluice.config.Settings;
import io.sluice.gateway.journal.Disk;
import io.sluice.rules.BridgeRule;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A whole gateway within the test's process, on a free port of the loopback; closing it fails if it met a bug. */
public final class RunningGateway implements AutoCloseable {

    private final Gateway gateway;
    private final AtomicReference<Throwable> bug;

    private RunningGateway(Gateway gateway, AtomicReference<Throwable> bug) {
        this.gateway = gateway;
        this.bug = bug;
    }

    public static RunningGateway start(Settings settings, Disk disk) throws IOException {
        AtomicReference<Throwable> bug = new AtomicReference<>();
        Gateway gateway =
                Gateway.start(settings, disk, InstantSource.system(), found -> bug.compareAndSet(null, found));
        return new RunningGateway(gateway, bug);
    }

    /** Settings with one listener and the given bridges; everything else as in the reference file, but smaller. */
    public static Settings settings(List<Settings.Bridge> bridges) {
        return new Settings(
                "test",
                new Settings.Data(Path.of("unused"), 1L << 30, Settings.WhenFull.DROP_OLDEST),
                limits(),
                List.of(new Settings.Listener("local", "127.0.0.1", 0)),
                List.of(),
                bridges);
    }

    private static Settings.Limits limits() {
        return new Settings.Limits(
                4_096,
                8_192,
                1 << 20,
                1_024,
                Duration.ofDays(30),
                Duration.ZERO,
                10_000,
                16 << 20,
                16 << 20,
                16_384,
                4 << 20);
    }

    /** A bridge to a broker on the loopback. */
    public static Settings.Bridge bridge(String name, int upstreamPort, List<BridgeRule> rules) {
        return new Settings.Bridge(
                name,
                new Settings.Upstream(
                        List.of(URI.create("mqtt://127.0.0.1:" + upstreamPort)),
                        "test-" + name,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(30),
                        Duration.ofDays(1),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        1_000),
                rules);
    }

    public int port() {
        return gateway.addresses().get("local").getPort();
    }

    @Override
    public void close() {
        gateway.close();
        Throwable found = bug.get();
        if (found != null) {
            throw new AssertionError("the gateway met a bug", found);
        }
    }
}
