// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.config.Settings;
import io.sluice.device.DeviceStatus;
import io.sluice.device.Devices;
import io.sluice.gateway.access.Guard;
import io.sluice.gateway.access.Verifier;
import io.sluice.gateway.bridge.Bridge;
import io.sluice.gateway.bridge.BridgeOutboxes;
import io.sluice.gateway.bridge.FetchInlet;
import io.sluice.gateway.field.FieldMessages;
import io.sluice.gateway.journal.Disk;
import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.JournalLimits;
import io.sluice.gateway.journal.MachineTime;
import io.sluice.gateway.journal.SyncDelays;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.net.EventLoops;
import io.sluice.gateway.net.Listener;
import io.sluice.gateway.net.SocketMemory;
import io.sluice.gateway.net.UpstreamLink;
import io.sluice.gateway.ops.BuildVersion;
import io.sluice.gateway.ops.SysTopics;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.gateway.session.Capabilities;
import io.sluice.gateway.session.SessionLimits;
import io.sluice.gateway.session.Sessions;
import io.sluice.rules.BridgeRule;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Builds the gateway out of its parts, with {@code new} and in order; the only class that knows them all. {@link Gateway} says what
 * comes when.
 */
final class Wiring {

    private static final System.Logger LOG = System.getLogger("io.sluice.gateway.Gateway");

    private final Settings settings;
    private final Disk disk;
    private final MachineTime machine;
    private final Consumer<Throwable> onBug;
    private final EventLoops loops = new EventLoops();

    private final Loop loop;
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true, 0, 1, 8_192, 7, 0, 0, false);
    private final SubscriptionTree tree = new SubscriptionTree();
    private final RetainedMessages retained;
    private final Budgets budgets;
    private final List<Bridge> bridges = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final Verifier verifier = new Verifier();
    private @Nullable Journal journal;
    private @Nullable Broker broker;
    private @Nullable Devices devices;

    /** What of the memory goes to whom. */
    private record Budgets(Budget outboxes, Budget state, Budget journal, Budget sockets) {

        static Budgets of(Settings.Memory memory) {
            return new Budgets(
                    new Budget("outboxes", memory.outboxesBytes()),
                    new Budget("state", memory.stateBytes()),
                    new Budget("journal", memory.journalBytes()),
                    new Budget("sockets", memory.socketsBytes()));
        }
    }

    /** What lives on the broker thread once the journal is open. */
    private record Broker(Journal journal, Router router, Sessions sessions, BridgeOutboxes outboxes) {}

    Wiring(Settings settings, Disk disk, MachineTime machine, Consumer<Throwable> onBug) {
        this.settings = settings;
        this.disk = disk;
        this.machine = machine;
        this.onBug = onBug;
        this.loop = new Loop(loops.broker(), this::die);
        this.budgets = Budgets.of(
                settings.limits().memory().within(Runtime.getRuntime().maxMemory()));
        this.retained = new RetainedMessages(
                settings.limits().retainedMessages(), settings.limits().retainedBytes());
    }

    /** A bug on the broker thread, which may be what a delivery does each time. */
    private void die(Throwable bug) {
        Journal open = journal;
        if (open != null) {
            open.quarantine().dying();
        }
        onBug.accept(bug);
    }

    void openJournal() throws IOException {
        JournalLimits.WhenFull whenFull = switch (settings.data().whenFull()) {
            case DROP_OLDEST -> JournalLimits.WhenFull.DROP_OLDEST;
            case DROP_NEWEST -> JournalLimits.WhenFull.DROP_NEWEST;
            case REJECT -> JournalLimits.WhenFull.REJECT;
        };
        JournalLimits limits = new JournalLimits(
                settings.data().maxBytes(),
                settings.data().maxAge().toMillis(),
                whenFull,
                settings.data().shares().sessions(),
                settings.data().shares().session());
        SyncDelays delays = new SyncDelays(
                settings.data().sync().outageDelay(), settings.data().sync().settleDelay());
        journal = Journal.open(disk, loop, machine, limits, budgets.journal(), delays, onBug);
    }

    /** Runs a part of the start on the broker thread and waits for it. */
    void onLoop(Runnable part) {
        loops.broker().submit(part).syncUninterruptibly();
    }

    void execute(Runnable task) {
        loop.execute(task);
    }

    void wireBroker() {
        Journal open = journal();
        Map<Long, DurableState> recovered = open.recovered();
        open.start();
        Router router = new Router(open, tree, retained);
        recovered.forEach((number, state) -> {
            if (state instanceof DurableState.RetainedState message) {
                retained.put(message.message(), number);
            }
        });
        OutboxMemory memory = new OutboxMemory(
                settings.limits().outboxMessages(), settings.limits().outboxBytes(), budgets.outboxes());
        Sessions sessions =
                new Sessions(loop, open, router, tree, retained, limits(), memory, budgets.state(), capabilities());
        BridgeOutboxes outboxes = new BridgeOutboxes(open, router, tree, retained, memory, recovered);
        open.upkeep().onDropped((owner, from, to, count) -> {
            sessions.dropped(owner, from, to);
            outboxes.dropped(owner, from, to);
        });
        broker = new Broker(open, router, sessions, outboxes);
        sessions.restore(recovered);
        new SysTopics(
                        loop,
                        open,
                        router,
                        retained,
                        sessions,
                        List.of(budgets.outboxes(), budgets.state(), budgets.journal(), budgets.sockets()),
                        settings.mqtt().sysInterval(),
                        BuildVersion.text())
                .start();
        router.expireRetained(loop);
    }

    private SessionLimits limits() {
        Settings.Limits limits = settings.limits();
        return new SessionLimits(
                limits.connections(),
                limits.sessions(),
                limits.subscriptions(),
                limits.allSubscriptions(),
                limits.packetBytes(),
                limits.receiveMaximum(),
                limits.sessionExpiry().toSeconds(),
                (int) limits.keepAlive().toSeconds(),
                limits.ingressBytes());
    }

    private Capabilities capabilities() {
        Settings.Mqtt mqtt = settings.mqtt();
        return new Capabilities(
                mqtt.maximumQos(),
                mqtt.retain(),
                mqtt.wildcardSubscriptions(),
                mqtt.subscriptionIdentifiers(),
                mqtt.sharedSubscriptions(),
                mqtt.topicAliases(),
                mqtt.checkPayloadFormat(),
                mqtt.responseInformation(),
                mqtt.redirect()
                        .map(redirect -> new Capabilities.Redirect(
                                redirect.to(),
                                redirect.when() == Settings.Redirect.When.FOR_GOOD
                                        ? ReasonCode.SERVER_MOVED
                                        : ReasonCode.USE_ANOTHER_SERVER,
                                redirect.when() != Settings.Redirect.When.ON_STOP)));
    }

    void startBridges() {
        Broker parts = broker();
        int waitingBytesMax = UpstreamLink.waitingBytesMax(
                budgets.sockets().bytesMax(), settings.bridges().size());
        UpstreamLink.Place place = new UpstreamLink.Place(loops.broker(), loops.io(), allocator, waitingBytesMax);
        budgets.sockets().add(settings.bridges().size() * UpstreamLink.bytesMax(waitingBytesMax));
        if (budgets.sockets().bytesLeft() < budgets.sockets().bytesMax() / 2) {
            LOG.log(Level.WARNING, "the bridges leave little memory for clients'' sockets: {0}", budgets.sockets());
        }
        for (Settings.Bridge bridge : settings.bridges()) {
            bridges.add(new Bridge(
                    bridge,
                    loop,
                    events -> new UpstreamLink(
                            place,
                            bridge.upstream(),
                            settings.limits().packetBytes(),
                            loop,
                            events,
                            parts.journal().clock()::now),
                    rule -> parts.outboxes().open(bridge.name(), rule),
                    new FetchInlet(
                            bridge.name(),
                            parts.journal(),
                            parts.router(),
                            settings.limits().ingressBytes()),
                    (rule, delivery, reason) -> parts.outboxes().park(bridge.name(), rule, delivery, reason),
                    new Random(),
                    parts.journal().clock()::now));
        }
        parts.outboxes().reportUnused();
        settings.bridges().forEach(Wiring::announce);
        bridges.forEach(Bridge::start);
    }

    private static void announce(Settings.Bridge bridge) {
        String upstream =
                bridge.upstream().addresses().stream().map(URI::toString).collect(Collectors.joining(", "));
        for (BridgeRule rule : bridge.rules()) {
            String crossing = switch (rule) {
                case BridgeRule.Forward forward ->
                    "forwards %s to %s at %s"
                            .formatted(forward.from(), forward.to().to(), upstream);
                case BridgeRule.Fetch fetch ->
                    "fetches %s from %s to %s"
                            .formatted(fetch.from(), upstream, fetch.to().to());
            };
            LOG.log(Level.INFO, "bridge {0}: {1}", bridge.name(), crossing);
        }
    }

    void openListeners() throws IOException {
        Broker parts = broker();
        Map<String, Guard> guards = guards(parts.sessions());
        Listener.Broker seen = new Listener.Broker(
                loops.broker(),
                allocator,
                loop,
                parts.sessions(),
                new SocketMemory(budgets.sockets(), loop, parts.journal().clock()::now),
                budgets.state(),
                settings.limits().packetBytes(),
                parts.journal().clock()::now);
        for (Settings.Listener listener : settings.listeners()) {
            Listener open =
                    Listener.open(listener, seen, loops.io(), listener.access().map(guards::get), verifier);
            listeners.add(open);
            InetSocketAddress address = open.address();
            LOG.log(
                    Level.INFO,
                    "listening for MQTT on {0}:{1,number,#} ({2})",
                    address.getHostString(),
                    address.getPort(),
                    open.name());
        }
    }

    private Map<String, Guard> guards(Sessions sessions) throws IOException {
        Map<String, Guard> guards = new HashMap<>();
        for (Settings.Access access : settings.access()) {
            Guard guard = new Guard(access, loop, verifier, users -> sessions.revoke(access.name(), users));
            guards.put(access.name(), guard);
            onLoop(guard::start);
        }
        return guards;
    }

    void startDevices() {
        Broker parts = broker();
        if (settings.devices().isEmpty()) {
            return;
        }
        FieldMessages sink = new FieldMessages(loop, parts.journal(), parts.router(), settings.devices());
        devices = new Devices(
                settings.devices().stream().map(Settings.Device::settings).toList(),
                sink,
                (DeviceStatus status) -> {},
                () -> Instant.ofEpochMilli(machine.wallMillis()));
        devices.start();
    }

    Map<String, InetSocketAddress> addresses() {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        listeners.forEach(listener -> addresses.put(listener.name(), listener.address()));
        return addresses;
    }

    void closeDevices() {
        if (devices != null) {
            devices.close();
        }
    }

    void closeListeners() {
        verifier.close();
        listeners.forEach(Listener::close);
    }

    /** Ends connections and bridges and makes safe what is there; then tells, on the broker thread. */
    void stopBroker(Runnable safe) {
        Broker parts = broker;
        if (parts == null) {
            safe.run();
            return;
        }
        loop.execute(() -> {
            parts.sessions().shutDown();
            closeBridges(List.copyOf(bridges), () -> parts.journal().finish(safe));
        });
    }

    private static void closeBridges(List<Bridge> bridges, Runnable closed) {
        if (bridges.isEmpty()) {
            closed.run();
            return;
        }
        int[] left = {bridges.size()};
        bridges.forEach(bridge -> bridge.close(() -> {
            left[0]--;
            if (left[0] == 0) {
                closed.run();
            }
        }));
    }

    void closeJournal() {
        try { // before the loop ends, which the journal's threads talk to
            if (journal != null) {
                journal.close();
            } else {
                disk.close();
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal was not closed in good order: {0}", e);
        }
        loops.close();
    }

    private Journal journal() {
        Journal open = journal;
        if (open == null) {
            throw new IllegalStateException("the journal is not open");
        }
        return open;
    }

    private Broker broker() {
        Broker wired = broker;
        if (wired == null) {
            throw new IllegalStateException("the broker is not wired");
        }
        return wired;
    }
}
