// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import io.sluice.gateway.bridge.BridgeStatus.State;
import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * One bridge: keeps a connection to upstream, for ever, and lets messages cross it in both directions.
 *
 * <pre>
 *             start                    connected                all answered
 *   WAITING ---------> CONNECTING ----------------> SUBSCRIBING -------------> RUNNING
 *      ^                   |                             |                        |
 *      +------ closed: the next address, after a pause --+------------------------+
 * </pre>
 *
 * On the broker thread.
 */
public final class Bridge {

    private static final Logger LOG = System.getLogger(Bridge.class.getName());
    /** How long closing waits for upstream to acknowledge what is under way. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

    private static final Duration REMINDER = Duration.ofMinutes(10);

    private final Settings.Bridge settings;
    private final Loop loop;
    private final LongSupplier clock;
    private final Upstream upstream;
    private final Forwarding forwarding;
    private final Fetching fetching;
    private final Backoff backoff;
    private final Tally tally = new Tally();
    private final RareLog warnings;
    private final List<URI> addresses;
    private final List<BridgeRule.Fetch> unanswered = new ArrayList<>();
    private State state = State.WAITING;
    private long since;
    private long reminded;
    private boolean troubleLogged;
    private String trouble = "";
    private int address;
    private Optional<Terms> terms = Optional.empty();
    private Optional<Loop.Timer> timer = Optional.empty();
    private Optional<Runnable> closing = Optional.empty();

    /**
     * @param upstream makes the link, which tells the given events
     * @param backlogs gives each forward rule's outbox
     * @param random for the pauses between attempts
     * @param clock milliseconds of the journal's clock
     */
    public Bridge(
            Settings.Bridge settings,
            Loop loop,
            Function<Upstream.Events, Upstream> upstream,
            Function<BridgeRule.Forward, Backlog> backlogs,
            Inlet inlet,
            Parking parking,
            RandomGenerator random,
            LongSupplier clock) {
        this.settings = settings;
        this.loop = loop;
        this.clock = clock;
        this.addresses = settings.upstream().addresses();
        this.upstream = upstream.apply(new Answers());
        this.warnings = new RareLog(LOG, clock);
        this.backoff = new Backoff(
                settings.upstream().reconnectFirst(), settings.upstream().reconnectLast(), random);
        List<Lane> lanes = new ArrayList<>();
        List<Backlog> outboxes = new ArrayList<>();
        List<BridgeRule.Fetch> fetches = new ArrayList<>();
        for (BridgeRule rule : settings.rules()) {
            switch (rule) {
                case BridgeRule.Forward forward -> {
                    Backlog outbox = backlogs.apply(forward);
                    outboxes.add(outbox);
                    lanes.add(new Lane(forward, outbox));
                }
                case BridgeRule.Fetch fetch -> fetches.add(fetch);
            }
        }
        this.forwarding = new Forwarding(
                lanes,
                this.upstream,
                parking,
                loop,
                clock,
                tally,
                warnings,
                settings.upstream().window());
        this.fetching = new Fetching(fetches, this.upstream, loop, inlet, tally, warnings);
        outboxes.forEach(outbox -> {
            outbox.onReady(forwarding::pumpSoon);
            outbox.room(forwarding::room);
        });
        this.since = clock.getAsLong();
    }

    /** Begins to connect. */
    public void start() {
        loop.assertHere();
        connect();
    }

    /** Lets what is under way be acknowledged, ends the connection in good order, and runs the task: within seconds. */
    public void close(Runnable closed) {
        loop.assertHere();
        closing = Optional.of(closed);
        switch (state) {
            case WAITING, CLOSED -> closed();
            case CONNECTING -> upstream.disconnect();
            case SUBSCRIBING, RUNNING -> {
                Runnable once = once(upstream::disconnect);
                setTimer(LAST_ANSWERS, once);
                forwarding.finish(once);
            }
        }
    }

    private static Runnable once(Runnable task) {
        return new Runnable() {
            private boolean done;

            @Override
            public void run() {
                if (!done) {
                    done = true;
                    task.run();
                }
            }
        };
    }

    public BridgeStatus status() {
        loop.assertHere();
        return new BridgeStatus(
                settings.name(),
                state,
                since,
                addresses.get(address),
                forwarding.underWay(),
                forwarding.depth(),
                tally.counts(),
                trouble);
    }

    private void connect() {
        enter(State.CONNECTING);
        upstream.connect(addresses.get(address));
    }

    private void connected(Terms offered) {
        tally.connections++;
        troubleLogged = false;
        terms = Optional.of(offered);
        log(
                Level.INFO,
                "connected to " + addresses.get(address) + ", " + forwarding.depth() + " deliveries to forward"
                        + (offered.sessionPresent() ? "" : ", upstream had no session"));
        if (offered.maximumQos() == Qos.AT_MOST_ONCE) {
            log(Level.WARNING, "upstream takes QoS 0 only: what it loses is lost");
        }
        enter(State.SUBSCRIBING);
        unanswered.clear();
        unanswered.addAll(fetching.rules());
        if (unanswered.isEmpty()) {
            run(offered);
            return;
        }
        setTimer(settings.upstream().connectTimeout(), () -> {
            log(Level.WARNING, "upstream does not answer SUBSCRIBE");
            upstream.disconnect();
        });
        upstream.subscribe(fetching.rules());
    }

    private void subscribed(BridgeRule.Fetch rule, ReasonCode reason) {
        if (reason.isError()) {
            log(
                    Level.WARNING,
                    "rule " + rule.name() + ": upstream refuses to let " + rule.from() + " be subscribed to: " + reason
                            + "; nothing is fetched by it until the next connection");
        }
        unanswered.remove(rule);
        if (state == State.SUBSCRIBING && unanswered.isEmpty()) {
            terms.ifPresent(this::run);
        }
    }

    private void run(Terms offered) {
        if (closing.isPresent()) {
            return;
        }
        cancelTimer();
        enter(State.RUNNING);
        forwarding.begin(offered);
    }

    private void lost(End end, String why) {
        long held = clock.getAsLong() - since;
        boolean wasUp = terms.isPresent();
        cancelTimer();
        terms = Optional.empty();
        forwarding.end(end);
        fetching.end();
        if (closing.isPresent()) {
            closed();
            return;
        }
        trouble = why;
        if (wasUp) {
            backoff.ended(Duration.ofMillis(held));
        } else {
            tally.failures++;
        }
        report(wasUp, why);
        address = (address + 1) % addresses.size();
        enter(State.WAITING);
        setTimer(backoff.next(), this::connect);
    }

    private void report(boolean wasUp, String why) {
        long now = clock.getAsLong();
        if (troubleLogged && now - reminded < REMINDER.toMillis()) {
            return;
        }
        String what = wasUp ? "connection lost" : troubleLogged ? "still no connection" : "no connection";
        log(Level.WARNING, what + ": " + why + "; " + forwarding.depth() + " deliveries wait, trying again for ever");
        troubleLogged = true;
        reminded = now;
    }

    private void closed() {
        cancelTimer();
        enter(State.CLOSED);
        closing.ifPresent(Runnable::run);
        closing = Optional.empty();
    }

    private void enter(State next) {
        state = next;
        since = clock.getAsLong();
    }

    private void setTimer(Duration delay, Runnable task) {
        cancelTimer();
        timer = Optional.of(loop.schedule(delay, task));
    }

    private void cancelTimer() {
        timer.ifPresent(Loop.Timer::cancel);
        timer = Optional.empty();
    }

    private void log(Level level, String text) {
        LOG.log(level, "bridge " + settings.name() + ": " + text);
    }

    /** What the link tells. */
    private final class Answers implements Upstream.Events {
        @Override
        public void connected(Terms offered) {
            loop.assertHere();
            Bridge.this.connected(offered);
        }

        @Override
        public void closed(End end, String why) {
            loop.assertHere();
            lost(end, why);
        }

        @Override
        public void subscribed(BridgeRule.Fetch rule, ReasonCode reason) {
            loop.assertHere();
            Bridge.this.subscribed(rule, reason);
        }

        @Override
        public void published(long token, ReasonCode reason) {
            loop.assertHere();
            forwarding.published(token, reason);
        }

        @Override
        public void writable() {
            loop.assertHere();
            forwarding.pumpSoon();
        }

        @Override
        public void fetched(Fetched fetched) {
            loop.assertHere();
            fetching.fetched(fetched);
        }

        @Override
        public void refused(String why) {
            loop.assertHere();
            tally.refused++;
            warnings.warn("bridge " + settings.name() + ": a message from upstream is not taken in: " + why);
        }
    }
}
