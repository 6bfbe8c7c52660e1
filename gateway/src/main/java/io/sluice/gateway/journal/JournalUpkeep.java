// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import java.time.Duration;

/**
 * Keeps the journal within its limits beside all that is appended: frees what is not needed, has sparse segments made smaller, and
 * drops where a limit says so. Lives on the broker thread.
 */
public final class JournalUpkeep {

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Loop loop;
    private final JournalState state;
    private final GroupCommit commit;
    private final JournalSpace space;
    private final Compaction compaction;
    private long damaged;
    private boolean stopped;
    private Dropped onDropped = (owner, from, to, count) -> {};

    /** Told when deliveries are dropped to make room, once each; the journal has settled them already. */
    public interface Dropped {
        void dropped(long owner, long from, long to, long count);
    }

    JournalUpkeep(Loop loop, JournalState state, GroupCommit commit, JournalSpace space, Compaction compaction) {
        this.loop = loop;
        this.state = state;
        this.commit = commit;
        this.space = space;
        this.compaction = compaction;
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
            space.reclaim(commit.forcedBatch());
            compaction.goOn();
            loop.schedule(EVERY, this::regularly);
        }
    }

    /** A segment was sealed: drops the oldest messages if there is no room for another. */
    void makeRoom() {
        space.makeRoom(commit.forcedBatch(), (log, from, to) -> {
            long count = commit.settle(log, from, to);
            if (count > 0) {
                onDropped.dropped(log.owner(), from, to, count);
            }
        });
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
            if (!log.released().contains(first)) { // else its message is not needed any more
                segment.damaged();
                commit.settle(log, first, at);
                damaged++;
            }
        }
    }

    /** Deliveries that were found to be lost by damage. */
    public long damaged() {
        return damaged;
    }

    boolean isFull() {
        return space.isFull();
    }

    Compaction compaction() {
        return compaction;
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
