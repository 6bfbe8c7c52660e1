// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import io.sluice.gateway.JournalInMemory;
import io.sluice.gateway.journal.DurableState;
import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.SyncDelays;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.routing.OutboxMemory;
import io.sluice.gateway.routing.RetainedMessages;
import io.sluice.gateway.routing.Router;
import io.sluice.gateway.routing.SubscriptionTree;
import io.sluice.gateway.session.Capabilities;
import io.sluice.gateway.session.Connection;
import io.sluice.gateway.session.Conversation;
import io.sluice.gateway.session.SessionLimits;
import io.sluice.gateway.session.Sessions;
import io.sluice.topic.Qos;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** Sessions and routing on a journal in memory, turned by hand; a power cut takes away what was not forced. */
final class FuzzedBroker implements AutoCloseable {

    /** What one client may have under way towards the broker. */
    static final int RECEIVE_MAXIMUM = 8;

    static final int PACKET_BYTES_MAX = 1 << 20;

    private static final SessionLimits LIMITS = new SessionLimits(
            16,
            16,
            16,
            64,
            PACKET_BYTES_MAX,
            RECEIVE_MAXIMUM,
            Duration.ofDays(30).toSeconds(),
            0,
            16 << 20);

    private static final Capabilities CAPABILITIES =
            new Capabilities(Qos.EXACTLY_ONCE, true, true, true, true, 0, false, Optional.empty(), Optional.empty());

    private final SyncDelays delays;
    private JournalInMemory fixture;
    private Sessions sessions;

    FuzzedBroker(SyncDelays delays) {
        this.delays = delays;
        fixture = new JournalInMemory(new FaultDisk(), delays);
        sessions = begin(fixture);
    }

    private static Sessions begin(JournalInMemory fixture) {
        Map<Long, DurableState> recovered = fixture.journal().recovered();
        SubscriptionTree tree = new SubscriptionTree();
        RetainedMessages retained = new RetainedMessages(100, 1 << 20);
        Router router = new Router(fixture.journal(), tree, retained);
        recovered.forEach((number, state) -> {
            if (state instanceof DurableState.RetainedState message) {
                retained.put(message.message(), number);
            }
        });
        Sessions begun = new Sessions(
                fixture.loop(),
                fixture.journal(),
                router,
                tree,
                retained,
                LIMITS,
                new OutboxMemory(64, 1 << 20, new Budget("outboxes", 2 << 20)),
                new Budget("state", 4 << 20),
                CAPABILITIES);
        fixture.journal().upkeep().onDropped((owner, from, to, count) -> begun.dropped(owner, from, to));
        begun.restore(recovered);
        fixture.executor().run();
        return begun;
    }

    Conversation open(Connection connection) {
        return sessions.open(connection);
    }

    void turn() {
        fixture.executor().run();
    }

    /** Waits until everything that was appended is forced, and lets the loop act on it. */
    void force() {
        fixture.force();
    }

    void advance(Duration time) {
        fixture.executor().advance(time);
    }

    void runUntil(BooleanSupplier condition) {
        fixture.executor().runUntil(() -> {
            fixture.journal().hurry();
            return condition.getAsBoolean();
        });
    }

    /** Unsettled deliveries of all sessions. */
    long depth() {
        return sessions.depth();
    }

    /** The power fails, and comes back; the connections are gone. */
    void crash(FaultDisk.Leaves leaves, SplittableRandom random) {
        FaultDisk left = fixture.disk().crash(leaves, random);
        fixture.close();
        fixture.disk().discard(); // a client remembers its connections of all lives
        fixture = new JournalInMemory(left, delays);
        sessions = begin(fixture);
    }

    @Override
    public void close() {
        fixture.close();
    }
}
