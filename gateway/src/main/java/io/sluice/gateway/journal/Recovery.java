// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.memory.Budget;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the state of a journal out of its files: the newest whole footer, what each older segment says of itself, and a replay of
 * what follows. Always comes to an end with all that is whole; the only refusal is a newer format version. Runs on the thread that
 * starts the gateway.
 */
final class Recovery {

    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

    /**
     * How far the numbers go ahead after damage: what cannot be read may have used the next ones, and another day it may be read again.
     */
    private static final long FAR = 1L << 32;

    private final Budget memory;
    private JournalState state;
    private final NavigableMap<Long, DurableState> contents = new TreeMap<>();
    private final SegmentFiles files;
    private final FrameScanner scanner = new FrameScanner();
    private @Nullable Segment active;
    private long lastBatch;
    private long lastTime;
    private TimeNote note = TimeNote.NONE;
    private long damagedBytes;
    private int lostStates;

    private Recovery(SegmentFiles files, Budget memory) {
        this.files = files;
        this.memory = memory;
        this.state = new JournalState(memory);
    }

    /**
     * What was found.
     *
     * @param contents live states by their numbers, in the order in which they were written
     * @param active the segment to go on with, if the last one was not sealed
     * @param lastBatch the number of the last batch
     * @param lastTime the latest time that was noted, in milliseconds of the journal's clock
     * @param activeIsForced whether all of the active segment is safe; else it is to be written anew
     * @param note what was noted of the machine's clocks last
     * @param damage what could not be read
     */
    record Found(
            JournalState state,
            NavigableMap<Long, DurableState> contents,
            UUID journalId,
            @Nullable Segment active,
            boolean activeIsForced,
            long lastBatch,
            long lastTime,
            TimeNote note,
            JournalDamage damage) {}

    /**
     * @param memory what is charged with what the state needs for each segment
     * @throws IOException if the directory cannot be listed, or was written by a newer format version
     */
    static Found recover(Disk disk, Budget memory) throws IOException {
        return new Recovery(new SegmentFiles(disk), memory).recover();
    }

    private Found recover() throws IOException {
        long base = readFooters();
        for (SegmentFiles.OpenSegment segment : files.after(base)) {
            replay(segment);
        }
        loadContents();
        JournalDamage damage = new JournalDamage(damagedBytes, files.unreadableBytes(), lostStates, files.setAside());
        state.segmentsUpTo(files.numberMax());
        if (!damage.isNone()) {
            lastBatch += FAR;
            state.skip(FAR);
            active = null; // the numbers of its states are a range, and the next ones are far from it
        }
        finish(damage);
        files.close();
        return new Found(
                state, contents, files.journalId(), active, files.lastIsForced(), lastBatch, lastTime, note, damage);
    }

    /** Finds the newest whole footer, takes over what it says, and then what the older segments say of themselves. */
    private long readFooters() throws IOException {
        Map<Long, BitSet> live = new HashMap<>();
        Map<Long, Long> firstStates = new HashMap<>();
        long base = -1;
        for (SegmentFiles.OpenSegment segment : files.descending()) {
            JournalState summed = new JournalState(memory);
            if (readFooter(
                    segment,
                    own -> Snapshot.readCumulative(own, summed, (number, firstState, bits) -> {
                        live.put(number, bits);
                        firstStates.put(number, firstState);
                    }))) {
                lastBatch = scanner.header().batch();
                state = summed;
                base = segment.number();
                break;
            }
            live.clear();
            firstStates.clear();
        }
        for (SegmentFiles.OpenSegment segment : files.upTo(base)) {
            readOwn(
                    segment,
                    firstStates.getOrDefault(segment.number(), 0L),
                    live.getOrDefault(segment.number(), new BitSet()));
        }
        return base;
    }

    private void readOwn(SegmentFiles.OpenSegment open, long firstState, BitSet live) throws IOException {
        Segment segment = new Segment(open.number(), open.generation(), firstState);
        segment.restore(open.size());
        state.add(segment);
        List<Runnable> found = new ArrayList<>(); // nothing is taken over of a footer that has an end and no good one
        Snapshot.Own own = new Snapshot.Own() {
            @Override
            public void range(long owner, long first, long last) {
                OutboxLog log = state.outboxes().get(owner);
                if (log != null) {
                    found.add(() -> log.restore(segment, first, last));
                }
            }

            @Override
            public void state(int index, long frameOffset) {
                if (live.get(index)) {
                    found.add(() -> segment.state(firstState + index, frameOffset));
                }
            }
        };
        if (readFooter(open, footer -> Snapshot.readOwn(footer, own))) {
            noteTime(segment);
            found.forEach(Runnable::run);
        } else {
            scanOwn(open, segment, live);
        }
    }

    /** A segment whose footer is damaged, or that was never sealed: what is in it shows by reading it. */
    private void scanOwn(SegmentFiles.OpenSegment open, Segment segment, BitSet live) throws IOException {
        LOG.log(Level.WARNING, "{0} has no whole footer; it is read through", segment);
        scanner.start(open.file(), open.generation(), JournalFormat.HEADER_BYTES, open.size());
        while (scanner.next()) {
            if (scanner.skippedBytes() > 0) {
                damagedBytes += scanner.skippedBytes();
                segment.damaged();
            }
            noteTime(segment);
            for (JournalRecord record : scanner.header().isFooter() ? List.<JournalRecord>of() : records()) {
                switch (record) {
                    case JournalRecord.Stored stored -> {
                        for (JournalRecord.Receiver receiver : stored.receivers()) {
                            OutboxLog log = state.outboxes().get(receiver.owner());
                            if (log != null) {
                                log.replayed(receiver.sequence(), segment);
                            }
                        }
                        keepLive(stored.retainedNumber(), segment, live);
                    }
                    case JournalRecord.State put -> keepLive(put.number(), segment, live);
                    case JournalRecord.Settled ignored -> {}
                    case JournalRecord.Reserved ignored -> {}
                    case JournalRecord.Released ignored -> {}
                    case JournalRecord.Received ignored -> {}
                    case JournalRecord.Completed ignored -> {}
                    case JournalRecord.Removed ignored -> {}
                    case JournalRecord.Noted ignored -> {}
                }
            }
        }
    }

    private void noteTime(Segment segment) {
        lastTime = Math.max(lastTime, scanner.header().time());
        segment.holds(scanner.header().time());
    }

    /** The frame's records but those that are none: they bear a checksum that holds, but the start must not fail by them. */
    private List<JournalRecord> records() {
        List<JournalRecord> found = new ArrayList<>();
        RecordCursor records = scanner.records();
        while (records.hasNext()) {
            int from = records.position();
            try {
                found.add(records.next());
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a record in the frame at {0} is none: {1}", scanner.frameStart(), e);
                damagedBytes += records.position() - from;
            }
        }
        return found;
    }

    private void keepLive(long number, Segment segment, BitSet live) {
        if (number >= segment.firstState() && live.get((int) (number - segment.firstState()))) {
            segment.state(number, scanner.frameStart());
        }
    }

    /** Puts the scanner on the segment's footer; false if it has no whole one. */
    private boolean findFooter(SegmentFiles.OpenSegment segment) throws IOException {
        long trailerAt = segment.size() - JournalFormat.TRAILER_BYTES;
        if (trailerAt < JournalFormat.HEADER_BYTES) {
            return false;
        }
        ByteBuffer trailer = ByteBuffer.allocate(JournalFormat.TRAILER_BYTES);
        segment.file().read(trailer, trailerAt);
        if (trailer.getInt(0) != JournalFormat.TRAILER_MAGIC || trailer.getInt(8) != JournalFormat.crc(trailer, 0, 8)) {
            return false;
        }
        long footerAt = trailer.getInt(4) & 0xFFFF_FFFFL;
        scanner.start(segment.file(), segment.generation(), footerAt, trailerAt);
        return scanner.next()
                && scanner.frameStart() == footerAt
                && scanner.header().isFooter();
    }

    /** Reads the segment's footer; false if it has no whole one, or one that is none: the start must not fail by it. */
    private boolean readFooter(SegmentFiles.OpenSegment segment, Consumer<RecordCursor> reading) throws IOException {
        if (!findFooter(segment)) {
            return false;
        }
        try {
            reading.accept(scanner.records());
            return true;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the footer of segment {0} is none: {1}", segment.number(), e);
            damagedBytes += scanner.header().bodyBytes();
            return false;
        }
    }

    private void replay(SegmentFiles.OpenSegment open) throws IOException {
        Segment segment = new Segment(open.number(), open.generation(), state.nextState());
        state.add(segment);
        scanner.start(open.file(), open.generation(), JournalFormat.HEADER_BYTES, open.size());
        long end = JournalFormat.HEADER_BYTES;
        while (scanner.next()) {
            if (scanner.header().forced() > lastBatch && scanner.skippedBytes() > 0) {
                damagedBytes += scanner.skippedBytes(); // else it was never forced, and is no loss
                segment.damaged();
            }
            if (scanner.header().isFooter()) {
                continue; // cut off below if its trailer is missing
            }
            end = scanner.frameEnd();
            noteTime(segment);
            if (scanner.header().batch() <= lastBatch) {
                continue; // written twice, after a force that failed
            }
            lastBatch = scanner.header().batch();
            for (JournalRecord record : records()) {
                try {
                    replay(record, segment);
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "{0}: a record at {1} cannot be: {2}", segment, scanner.frameStart(), e);
                    damagedBytes += scanner.header().bodyBytes();
                }
            }
        }
        segment.restore(end);
        if (open.file().unreadableBytes() > 0) {
            segment.damaged(); // nothing is written over what may be readable another day
        } else if (files.isLast(open) && open.version() == JournalFormat.VERSION) { // older ones are only read
            if (end < open.size()) {
                LOG.log(
                        Level.INFO,
                        "{0}: cutting off {1} bytes behind the last whole frame",
                        segment,
                        open.size() - end);
                truncate(open, end);
            }
            active = segment;
        }
    }

    /** What cannot be cut off is no whole frame either, and is written over. */
    private static void truncate(SegmentFiles.OpenSegment open, long end) {
        try {
            open.file().truncate(end);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a torn tail cannot be cut off: {0}", e);
        }
    }

    private void replay(JournalRecord record, Segment segment) {
        state.replay(record, segment, scanner.frameStart(), 0);
        switch (record) {
            case JournalRecord.Stored stored -> {
                contents.remove(stored.replacedNumber());
                if (stored.retainedNumber() != 0) {
                    contents.put(
                            stored.retainedNumber(),
                            new DurableState.RetainedState(stored.content().message()));
                }
            }
            case JournalRecord.State put -> {
                contents.remove(put.replaced());
                contents.put(put.number(), put.state());
            }
            case JournalRecord.Removed removed -> removed.numbers().forEach(contents::remove);
            case JournalRecord.Noted noted -> note = noted.note();
            case JournalRecord.Settled ignored -> {}
            case JournalRecord.Reserved ignored -> {}
            case JournalRecord.Released ignored -> {}
            case JournalRecord.Received ignored -> {}
            case JournalRecord.Completed ignored -> {}
        }
    }

    /** Reads the live states that the replay did not come by, each frame once. */
    private void loadContents() throws IOException {
        for (Segment segment : state.segments().values()) {
            long frame = -1;
            for (long number : segment.liveStates().stream()
                    .mapToObj(index -> segment.firstState() + index)
                    .filter(number -> !contents.containsKey(number))
                    .toList()) {
                if (segment.stateOffset(number) != frame) {
                    frame = segment.stateOffset(number);
                    loadFrame(segment, frame);
                }
                if (!contents.containsKey(number)) {
                    LOG.log(Level.ERROR, "{0}: a state record at {1} cannot be read", segment, frame);
                    segment.stateDead(number, 0);
                    lostStates++;
                }
            }
        }
    }

    private void loadFrame(Segment segment, long offset) throws IOException {
        SegmentFiles.OpenSegment open = files.get(segment.number());
        scanner.start(open.file(), open.generation(), offset, open.size());
        if (!scanner.next() || scanner.frameStart() != offset) {
            return;
        }
        for (JournalRecord record : records()) {
            try {
                load(record, segment);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "{0}: a record at {1} has no content: {2}", segment, offset, e);
            }
        }
    }

    private void load(JournalRecord record, Segment segment) {
        switch (record) {
            case JournalRecord.State put
            when segment.isStateLive(put.number()) -> contents.put(put.number(), put.state());
            case JournalRecord.Stored stored
            when segment.isStateLive(stored.retainedNumber()) ->
                contents.put(
                        stored.retainedNumber(),
                        new DurableState.RetainedState(stored.content().message()));
            case JournalRecord other -> {}
        }
    }

    private void finish(JournalDamage damage) {
        for (Segment segment : state.segments().values()) {
            if (!segment.equals(active)) {
                segment.seal();
            }
        }
        state.segments().values().forEach(Segment::recount);
        state.outboxes().values().forEach(OutboxLog::resume);
        if (!damage.isNone()) {
            LOG.log(
                    Level.ERROR,
                    "the journal is damaged; all that is whole is kept: {0} bytes are no records any more, {1} bytes cannot"
                            + " be read, {2} states are lost, {3} files are set aside",
                    damage.bytes(),
                    damage.unreadableBytes(),
                    damage.states(),
                    damage.setAside().size());
        }
    }
}
