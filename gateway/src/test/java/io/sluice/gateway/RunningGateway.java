// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.sluice.config.Settings;
import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.journal.Disk;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.MachineTime;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;

/**
 * The whole gateway inside the test's process, on a disk in memory and a free port: up within milliseconds. Closing it fails the test if
 * the gateway met a bug of its own. One thread.
 */
public final class RunningGateway implements AutoCloseable {

    /** What an operator gets by default, but for the keys that a test is about. */
    public static final Settings.Limits LIMITS = new Settings.Limits(
            Settings.Memory.of(128 << 20),
            4_096,
            8_192,
            1_000,
            50_000,
            1 << 20,
            1_024,
            Duration.ofDays(30),
            Duration.ZERO,
            10_000,
            8 << 20,
            8 << 20,
            16_384,
            4 << 20);

    /** The same of what clients are offered, without statistics, which would come in between. */
    public static final Settings.Mqtt MQTT = new Settings.Mqtt(
            Qos.EXACTLY_ONCE, true, true, true, true, 16, true, Duration.ZERO, Optional.empty(), Optional.empty());

    /** The journal's delays, as an operator gets them by default. */
    public static final Settings.Sync SYNC = new Settings.Sync(Duration.ZERO, Duration.ofMillis(500));

    /** None, and others under which nothing may be lost either. */
    public static final List<Settings.Sync> SYNCS = List.of(
            new Settings.Sync(Duration.ZERO, Duration.ZERO),
            new Settings.Sync(Duration.ofMillis(20), Duration.ZERO),
            new Settings.Sync(Duration.ofMillis(10), Duration.ofMillis(40)));

    private static final String LISTENER = "local";

    /** Whether plain sockets are to have an event loop of their own: the tests that are tagged {@code wire} run both ways. */
    static final boolean OWN_IO_THREAD = "own".equals(System.getProperty("sluice.io-thread"));

    private final Disk disk;
    private final Queue<Throwable> bugs = new ConcurrentLinkedQueue<>();
    private Settings settings;
    private Instant started = Instant.parse("2026-01-01T00:00:00Z");
    private Gateway gateway;

    private RunningGateway(Disk disk, Settings settings) {
        this.disk = disk;
        this.settings = settings;
        this.gateway = launch();
    }

    /** With the default settings and an empty disk. */
    public static RunningGateway start() {
        return start(new FaultDisk(), settings(LIMITS));
    }

    /** With these limits and an empty disk. */
    public static RunningGateway start(UnaryOperator<Settings.Limits> limits) {
        return start(new FaultDisk(), settings(limits.apply(LIMITS)));
    }

    /** @param disk must bear to be closed and used again, if the gateway is to be started again */
    public static RunningGateway start(Disk disk, Settings settings) {
        return new RunningGateway(disk, settings);
    }

    /** One listener, no devices, no bridges. */
    public static Settings settings(Settings.Limits limits) {
        return settings(limits, MQTT);
    }

    public static Settings settings(Settings.Limits limits, Settings.Mqtt mqtt) {
        return new Settings(
                "test",
                new Settings.Data(
                        Path.of("unused"),
                        4L << 30,
                        Duration.ofDays(14),
                        Settings.WhenFull.DROP_OLDEST,
                        new Settings.Shares(25, 5),
                        SYNC),
                limits,
                mqtt,
                List.of(listener(LISTENER, Optional.empty())),
                List.of(),
                List.of(),
                List.of());
    }

    /** The default limits; one listener with access rules, and one without that is named {@code open}. */
    public static Settings settings(Settings.Access access) {
        Settings plain = settings(LIMITS);
        return new Settings(
                plain.gatewayId(),
                plain.data(),
                plain.limits(),
                plain.mqtt(),
                List.of(listener(LISTENER, Optional.of(access.name())), listener("open", Optional.empty())),
                List.of(access),
                plain.devices(),
                plain.bridges());
    }

    private static Settings.Listener listener(String name, Optional<String> access) {
        return new Settings.Listener(
                name,
                "127.0.0.1",
                0,
                access,
                Optional.empty(),
                Optional.empty(),
                OWN_IO_THREAD,
                Settings.ListenerLimits.DEFAULTS);
    }

    /** The default limits, and the given listeners. */
    public static Settings listening(List<Settings.Listener> listeners, List<Settings.Access> access) {
        Settings plain = settings(LIMITS);
        return new Settings(
                plain.gatewayId(),
                plain.data(),
                plain.limits(),
                plain.mqtt(),
                listeners,
                access,
                plain.devices(),
                plain.bridges());
    }

    /** The same settings with other limits. */
    public static Settings limited(Settings plain, Settings.Limits limits) {
        return new Settings(
                plain.gatewayId(),
                plain.data(),
                limits,
                plain.mqtt(),
                plain.listeners(),
                plain.access(),
                plain.devices(),
                plain.bridges());
    }

    /** The default limits, and the given bridges. */
    public static Settings settings(List<Settings.Bridge> bridges) {
        Settings plain = settings(LIMITS);
        return new Settings(
                plain.gatewayId(),
                plain.data(),
                plain.limits(),
                plain.mqtt(),
                plain.listeners(),
                plain.access(),
                plain.devices(),
                bridges);
    }

    /** The same with other delays of the journal. */
    public static Settings delayed(Settings plain, Settings.Sync sync) {
        Settings.Data data = plain.data();
        return new Settings(
                plain.gatewayId(),
                new Settings.Data(data.dir(), data.maxBytes(), data.maxAge(), data.whenFull(), data.shares(), sync),
                plain.limits(),
                plain.mqtt(),
                plain.listeners(),
                plain.access(),
                plain.devices(),
                plain.bridges());
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
        return port(LISTENER);
    }

    public int port(String listener) {
        return gateway.addresses().get(listener).getPort();
    }

    /** What it met that is a bug. */
    public Queue<Throwable> bugs() {
        return bugs;
    }

    /** Stops it in good order and starts it again on the same disk, with another port. */
    public void restart() {
        restartAfter(Duration.ZERO);
    }

    /** The same, after a time in which it was off, as far as its clock knows. */
    public void restartAfter(Duration off) {
        close();
        started = started.plus(off);
        gateway = launch();
    }

    /** The same, with other settings. */
    public void restart(Settings newSettings) {
        close();
        settings = newSettings;
        gateway = launch();
    }

    /** The same, with other limits. */
    public void restart(UnaryOperator<Settings.Limits> limits) {
        close();
        settings = settings(limits.apply(settings.limits()), settings.mqtt());
        gateway = launch();
    }

    /** The same, with something else offered to clients. */
    public void restartWith(UnaryOperator<Settings.Mqtt> mqtt) {
        close();
        settings = settings(settings.limits(), mqtt.apply(settings.mqtt()));
        gateway = launch();
    }

    /** A connection on which nothing has been said. */
    public RawClient open(ProtocolVersion version) throws IOException {
        return RawClient.open(port(), version);
    }

    /** A client of MQTT 5.0 without a session before or after it, connected. */
    public RawClient connected(String clientId) throws IOException {
        return RawClient.connected(port(), clientId);
    }

    /** A client without a session before or after it, connected. */
    public RawClient connected(String clientId, ProtocolVersion version) throws IOException {
        RawClient client = open(version);
        client.connect(clientId, true, 0);
        return client;
    }

    /** A client with a session that never expires, connected; whether it was there is for the caller to expect. */
    public RawClient durable(String clientId, ProtocolVersion version, boolean present) throws IOException {
        RawClient client = open(version);
        Packet.Connack connack = client.connect(clientId, false, Packet.ConnectProperties.NEVER_EXPIRES);
        if (connack.sessionPresent() != present) {
            throw new AssertionError("expected session present " + present + ", got " + connack);
        }
        return client;
    }

    private Gateway launch() {
        try {
            return Gateway.start(settings, disk, MachineTime.of(() -> started), bugs::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Stops it in good order.
     *
     * @throws AssertionError if it met a bug
     */
    @Override
    public void close() {
        gateway.close();
        if (!bugs.isEmpty()) {
            throw new AssertionError("the gateway met a bug", bugs.peek());
        }
    }
}
