// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes room out of segments of which little is needed, before anything has to be dropped for it: states that alone keep one are
 * moved to the tail, and one with a few messages is rewritten without the rest. One segment at a time. Lives on the broker thread.
 */
final class Compaction {

    private static final System.Logger LOG = System.getLogger(Compaction.class.getName());

    /** What moves at once: a small batch, that does not hold up those behind it. */
    private static final int MOVED_AT_ONCE_BYTES = 128 << 10;

    private final Disk disk;
    private final UUID journalId;
    private final JournalState state;
    private final JournalSpace space;
    private final GroupCommit commit;
    private final JournalReader reader;
    private @Nullable Segment inWork;
    private long moved;
    private long rewritten;

    Compaction(
            Disk disk,
            UUID journalId,
            JournalState state,
            JournalSpace space,
            GroupCommit commit,
            JournalReader reader) {
        this.disk = disk;
        this.journalId = journalId;
        this.state = state;
        this.space = space;
        this.commit = commit;
        this.reader = reader;
    }

    boolean isBusy() {
        return inWork != null;
    }

    /** States written again at the tail since the start. */
    long moved() {
        return moved;
    }

    /** Segments written anew since the start. */
    long rewritten() {
        return rewritten;
    }

    /** Begins with the next segment, if there is need of room and none is in work. */
    void goOn() {
        if (inWork != null) {
            return;
        }
        long pinned = 0;
        Segment stateful = null;
        Segment sparse = null;
        for (Segment segment : space.old()) {
            if (segment.liveStates().isEmpty() || segment.hasUnsettled()) {
                sparse = sparse == null && segment.hasUnsettled() && segment.mayBeSparse() ? segment : sparse;
            } else {
                pinned += segment.bytes();
                stateful = stateful == null && segment.mayBeSparse() ? segment : stateful;
            }
        }
        if (stateful != null && (space.isShort() || space.isPinnedTooMuch(pinned))) {
            move(stateful);
        } else if (sparse != null && space.isShort()) {
            shrink(sparse);
        }
    }

    private LiveRecords begin(Segment segment) {
        inWork = segment;
        segment.beginWork();
        return new LiveRecords(segment, state.outboxes().values());
    }

    private void end(Segment segment) {
        inWork = null;
        segment.endWork();
    }

    private void move(Segment segment) {
        SegmentRewrite work = new SegmentRewrite(disk, journalId, segment, begin(segment));
        reader.run(() -> work.states(segment.bytes() / 2, MOVED_AT_ONCE_BYTES), found -> moved(segment, found), e -> {
            failed(segment, e);
        });
    }

    private void moved(Segment segment, List<SegmentRewrite.Found> found) {
        for (SegmentRewrite.Found each : found) {
            if (state.isLive(each.stateNumber())) {
                Batch batch = commit.gather();
                long number = state.takeState();
                batch.records().state(number, each.stateNumber(), each.state());
                batch.mustForce();
                Batch.Place place = batch.place();
                state.moved(each.stateNumber(), number, place.segment(), place.offset(), batch.number());
                commit.appended(batch);
                moved++;
            }
        }
        end(segment);
        if (!found.isEmpty()) {
            segment.mayBeSparseAgain();
        }
    }

    private void shrink(Segment segment) {
        LiveRecords live = begin(segment);
        SegmentRewrite work = new SegmentRewrite(disk, journalId, segment, live);
        int generation = ThreadLocalRandom.current().nextInt();
        // What is left out must be settled for good: were it found unsettled again, it would be missed for ever.
        commit.whenForced(
                commit.forceSettles(),
                () -> reader.run(
                        () -> work.shrink(generation, segment.bytes() / 2),
                        file -> shrunk(segment, file),
                        e -> failed(segment, e)));
    }

    private void shrunk(Segment segment, SegmentRewrite.File file) {
        if (file.isNew()) {
            LOG.log(
                    Level.DEBUG,
                    "{0}: rewritten, {1} bytes of {2} were needed",
                    segment,
                    file.bytes(),
                    segment.bytes());
            rewritten++;
            space.resized(segment.bytes() - file.bytes());
            segment.rewritten(file.generation(), file.bytes());
        }
        end(segment);
    }

    private void failed(Segment segment, IOException e) {
        LOG.log(Level.WARNING, "{0}: no room can be made out of it: {1}", segment, e);
        end(segment);
    }
}
