// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the journal within its limits beside all that is appended: frees what is not needed, has sparse segments made smaller, and
 * drops where a limit says so. Lives on the broker thread.
 */
public final class JournalUpkeep {

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Loop loop;
    private final JournalClock clock;
    private final JournalLimits limits;
    private final Budget memory;
    private final JournalState state;
    private final GroupCommit commit;
    private final JournalSpace space;
    private final Compaction compaction;
    private final SessionShares shares;
    private final Drops drops;
    private long messageBytes;
    private boolean stopped;
    private Dropped onDropped = (owner, from, to, count) -> {};

    /** Told when deliveries are dropped to make room, once each; the journal has settled them already. */
    public interface Dropped {
        void dropped(long owner, long from, long to, long count);
    }

    JournalUpkeep(
            Loop loop,
            JournalClock clock,
            JournalLimits limits,
            Budget memory,
            JournalState state,
            GroupCommit commit,
            JournalSpace space,
            Compaction compaction) {
        this.loop = loop;
        this.clock = clock;
        this.limits = limits;
        this.memory = memory;
        this.state = state;
        this.commit = commit;
        this.space = space;
        this.compaction = compaction;
        this.shares = new SessionShares(state, limits);
        this.drops = new Drops(clock::now);
        commit.onRoll(this::keepLimits);
    }

    public void onDropped(Dropped listener) {
        onDropped = listener;
    }

    void start() {
        loop.schedule(EVERY, this::regularly);
    }

    void stop() {
        stopped = true;
    }

    private void regularly() {
        if (!stopped) {
            keepLimits();
            compaction.goOn();
            if (clock.hasBecomeTrusted()) {
                commit.noteSoon();
            }
            loop.schedule(EVERY, this::regularly);
        }
    }

    /** Frees what is not needed, and drops what the limits say; each second, and whenever a segment was sealed. */
    void keepLimits() {
        if (limits.ageMaxMillis() != JournalLimits.ANY_AGE) {
            space.dropOld(clock.now() - limits.ageMaxMillis(), dropping(DropReason.MAX_AGE));
        }
        space.reclaim(commit.forcedBatch());
        shares.measure(space.bytes());
        if (limits.whenFull() == JournalLimits.WhenFull.DROP_OLDEST) {
            shares.dropOldest(dropping(DropReason.SHARE));
        }
        space.makeRoom(commit.forcedBatch(), dropping(DropReason.MAX_BYTES));
    }

    private JournalSpace.Dropping dropping(DropReason reason) {
        return (log, from, to) -> {
            long count = commit.settle(log, from, to);
            if (count > 0) {
                drops.count(log, reason, count);
                onDropped.dropped(log.owner(), from, to, count);
            }
        };
    }

    /** Why a new delivery is not taken into an outbox, or null. */
    @Nullable
    DropReason refusal(OutboxLog log) {
        if (needsTooMuch(log)) {
            memory.exhausted();
            return DropReason.MEMORY;
        }
        if (limits.whenFull() == JournalLimits.WhenFull.DROP_OLDEST) {
            return null;
        }
        return space.isFull() ? DropReason.MAX_BYTES : shares.isOver(log) ? DropReason.SHARE : null;
    }

    /**
     * Whether the memory for knowing where deliveries lie is spent, and another one would take more of it. Bridges are few and have
     * what they need; a session that keeps up needs none.
     */
    private boolean needsTooMuch(OutboxLog log) {
        return memory.bytesLeft() <= 0
                && log.isSession()
                && log.ranges().isLong()
                && !log.ranges().endsIn(commit.active());
    }

    Drops drops() {
        return drops;
    }

    /** What was dropped of an owner's outbox since the start. */
    public Map<DropReason, Long> dropped(long owner) {
        return drops.of(owner);
    }

    /** A message was taken in. */
    void took(Message message) {
        messageBytes += message.bytes().length;
    }

    /**
     * Deliveries that a whole reading of their segment did not bring, because of damage.
     *
     * @param to exclusive
     */
    void lost(OutboxLog log, Segment segment, long from, long to) {
        long at = from;
        while (at < to) {
            long first = log.nextUnsettled(at);
            if (first >= to) {
                return;
            }
            at = first + 1;
            if (!log.isReleased(first)) { // else its message is not needed any more
                segment.damaged();
                drops.count(log, DropReason.DAMAGE, commit.settle(log, first, at));
            }
        }
    }

    boolean isFull() {
        return space.isFull();
    }

    Compaction compaction() {
        return compaction;
    }

    /** How the journal is, with what its writer has to say. */
    JournalStatus status(JournalWriter writer, WriterTrouble trouble, JournalDamage damage) {
        return new JournalStatus(
                bytes(),
                limits.bytesMax(),
                segments(),
                messageBytes,
                writer.bytesWritten(),
                writer.forces(),
                compaction.moved(),
                compaction.rewritten(),
                isFull(),
                trouble,
                damage,
                drops.byReason());
    }

    /** The deepest outboxes first, for people and tools. */
    public List<OutboxLog> outboxes() {
        OutboxLog[] logs = state.outboxes().values().toArray(new OutboxLog[0]);
        Arrays.sort(logs, (a, b) -> Long.compare(b.depth(), a.depth()));
        return List.of(logs);
    }

    /** Bytes of all segments on disk. */
    public long bytes() {
        return space.bytes();
    }

    /** Bytes of frames, written or about to be, since the start. */
    public long bytesTaken() {
        return space.bytesTaken();
    }

    public int segments() {
        return state.segments().size();
    }
}
