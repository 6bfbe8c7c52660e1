// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes the state of a journal out of its files: the newest whole footer, what each older segment says of itself, and a replay of
 * what follows. Always comes to an end with all that is whole; the only refusal is a newer format version. Runs on the thread that
 * starts the gateway.
 */
final class Recovery {

    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

    private final Disk disk;
    private final JournalState state = new JournalState();
    private final NavigableMap<Long, DurableState> contents = new TreeMap<>();
    private final NavigableFiles files = new NavigableFiles();
    private final FrameScanner scanner = new FrameScanner();
    private @Nullable UUID journalId;
    private @Nullable Segment active;
    private long lastBatch;
    private long lastTime;
    private long damagedBytes;

    private Recovery(Disk disk) {
        this.disk = disk;
    }

    /**
     * What was found.
     *
     * @param contents live states by their numbers, in the order in which they were written
     * @param active the segment to go on with, if the last one was not sealed
     * @param lastBatch the number of the last batch
     * @param lastTime the latest time that was noted, in milliseconds of the journal's clock
     * @param damagedBytes bytes in the middle of segments that could not be read
     */
    record Found(
            JournalState state,
            NavigableMap<Long, DurableState> contents,
            UUID journalId,
            @Nullable Segment active,
            long lastBatch,
            long lastTime,
            long damagedBytes) {}

    /** @throws IOException if the directory cannot be read, or was written by a newer format version */
    static Found recover(Disk disk) throws IOException {
        return new Recovery(disk).recover();
    }

    private Found recover() throws IOException {
        openSegments();
        long base = readFooters();
        for (OpenSegment segment : files.after(base)) {
            replay(segment);
        }
        loadContents();
        finish();
        files.close();
        UUID id = journalId == null ? UUID.randomUUID() : journalId;
        return new Found(state, contents, id, active, lastBatch, lastTime, damagedBytes);
    }

    private void openSegments() throws IOException {
        List<Long> numbers = disk.list().stream()
                .map(JournalFormat::segmentNumber)
                .filter(number -> number >= 0)
                .sorted()
                .toList();
        for (long number : numbers) {
            String name = JournalFormat.fileName(number);
            Disk.File file = disk.open(name, false);
            ByteBuffer bytes = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
            file.read(bytes, 0);
            JournalFormat.SegmentHeader header = JournalFormat.SegmentHeader.read(bytes.flip());
            if (header == null) {
                boolean empty = file.size() <= JournalFormat.HEADER_BYTES;
                file.close();
                setAside(name, empty);
                continue;
            }
            if (header.version() > JournalFormat.VERSION) {
                throw new IOException("segment %s has format version %d, this program reads up to %d"
                        .formatted(name, header.version(), JournalFormat.VERSION));
            }
            journalId = new UUID(header.journalHigh(), header.journalLow());
            files.put(new OpenSegment(number, header.generation(), file, file.size()));
        }
    }

    /** A segment whose header was never forced holds nothing that was acknowledged; any other is kept for a person to look at. */
    private void setAside(String name, boolean empty) throws IOException {
        if (empty) {
            disk.delete(name);
            return;
        }
        LOG.log(Level.ERROR, "segment {0} has no readable header; it is set aside as {0}.damaged", name);
        disk.rename(name, name + ".damaged");
    }

    /** Finds the newest whole footer, takes over what it says, and then what the older segments say of themselves. */
    private long readFooters() throws IOException {
        Map<Long, BitSet> live = new HashMap<>();
        Map<Long, Long> firstStates = new HashMap<>();
        long base = -1;
        for (OpenSegment segment : files.descending()) {
            if (findFooter(segment)) {
                lastBatch = scanner.header().batch();
                Snapshot.readCumulative(scanner.records(), state, (number, firstState, bits) -> {
                    live.put(number, bits);
                    firstStates.put(number, firstState);
                });
                base = segment.number();
                break;
            }
        }
        for (OpenSegment segment : files.upTo(base)) {
            readOwn(
                    segment,
                    firstStates.getOrDefault(segment.number(), 0L),
                    live.getOrDefault(segment.number(), new BitSet()));
        }
        return base;
    }

    private void readOwn(OpenSegment open, long firstState, BitSet live) throws IOException {
        Segment segment = new Segment(open.number(), open.generation(), firstState);
        segment.restore(open.size());
        state.add(segment);
        if (findFooter(open)) {
            lastTime = Math.max(lastTime, scanner.header().time());
            Snapshot.readOwn(scanner.records(), new Snapshot.Own() {
                @Override
                public void range(long owner, long first, long last) {
                    OutboxLog log = state.outboxes().get(owner);
                    if (log != null) {
                        segment.restoreRange(log, first, last);
                    }
                }

                @Override
                public void state(int index, long frameOffset) {
                    if (live.get(index)) {
                        segment.state(firstState + index, frameOffset);
                    }
                }
            });
        } else {
            scanOwn(open, segment, live);
        }
    }

    /** A segment whose footer is damaged, or that was never sealed: what is in it shows by reading it. */
    private void scanOwn(OpenSegment open, Segment segment, BitSet live) throws IOException {
        LOG.log(Level.WARNING, "{0} has no whole footer; it is read through", segment);
        scanner.start(open.file(), open.generation(), JournalFormat.HEADER_BYTES, open.size());
        while (scanner.next()) {
            RecordCursor records = scanner.records();
            while (!scanner.header().isFooter() && records.hasNext()) {
                switch (records.next()) {
                    case JournalRecord.Stored stored -> {
                        for (JournalRecord.Receiver receiver : stored.receivers()) {
                            OutboxLog log = state.outboxes().get(receiver.owner());
                            if (log != null) {
                                log.delivered(receiver.sequence(), segment);
                            }
                        }
                        keepLive(stored.retainedNumber(), segment, live);
                    }
                    case JournalRecord.State record -> keepLive(record.number(), segment, live);
                    case JournalRecord.Settled ignored -> {}
                    case JournalRecord.Reserved ignored -> {}
                    case JournalRecord.Released ignored -> {}
                    case JournalRecord.Received ignored -> {}
                    case JournalRecord.Completed ignored -> {}
                    case JournalRecord.Removed ignored -> {}
                }
            }
        }
        damagedBytes += scanner.damagedBytes();
    }

    private void keepLive(long number, Segment segment, BitSet live) {
        if (number >= segment.firstState() && live.get((int) (number - segment.firstState()))) {
            segment.state(number, scanner.frameStart());
        }
    }

    /** Puts the scanner on the segment's footer; false if it has no whole one. */
    private boolean findFooter(OpenSegment segment) throws IOException {
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

    private void replay(OpenSegment open) throws IOException {
        Segment segment = new Segment(open.number(), open.generation(), state.nextState());
        state.add(segment);
        scanner.start(open.file(), open.generation(), JournalFormat.HEADER_BYTES, open.size());
        long end = JournalFormat.HEADER_BYTES;
        while (scanner.next()) {
            if (scanner.header().isFooter()) {
                continue; // cut off below if its trailer is missing
            }
            end = scanner.frameEnd();
            lastTime = Math.max(lastTime, scanner.header().time());
            if (scanner.header().batch() <= lastBatch) {
                continue; // written twice, after a force that failed
            }
            lastBatch = scanner.header().batch();
            RecordCursor records = scanner.records();
            while (records.hasNext()) {
                replay(records.next(), segment);
            }
        }
        damagedBytes += scanner.damagedBytes();
        segment.restore(end);
        if (open.equals(files.last())) {
            if (end < open.size()) {
                LOG.log(Level.INFO, "{0}: cutting a torn tail of {1} bytes", segment, open.size() - end);
                open.file().truncate(end);
                open.file().force();
            }
            active = segment;
        }
    }

    private void replay(JournalRecord record, Segment segment) {
        state.replay(record, segment, scanner.frameStart());
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
            case JournalRecord.Settled ignored -> {}
            case JournalRecord.Reserved ignored -> {}
            case JournalRecord.Released ignored -> {}
            case JournalRecord.Received ignored -> {}
            case JournalRecord.Completed ignored -> {}
        }
    }

    /** Reads the live states that the replay did not come by. */
    private void loadContents() throws IOException {
        for (Segment segment : state.segments().values()) {
            BitSet live = segment.liveStates();
            for (int index = live.nextSetBit(0); index >= 0; index = live.nextSetBit(index + 1)) {
                long number = segment.firstState() + index;
                if (!contents.containsKey(number)) {
                    loadContent(segment, number);
                }
            }
        }
    }

    private void loadContent(Segment segment, long number) throws IOException {
        OpenSegment open = files.get(segment.number());
        long offset = segment.stateOffset(number);
        scanner.start(open.file(), open.generation(), offset, open.size());
        if (scanner.next() && scanner.frameStart() == offset) {
            RecordCursor records = scanner.records();
            while (records.hasNext()) {
                switch (records.next()) {
                    case JournalRecord.State put when put.number() == number -> contents.put(number, put.state());
                    case JournalRecord.Stored stored
                    when stored.retainedNumber() == number ->
                        contents.put(
                                number,
                                new DurableState.RetainedState(stored.content().message()));
                    case JournalRecord other -> {}
                }
            }
        }
        if (!contents.containsKey(number)) {
            LOG.log(Level.ERROR, "{0}: a state record at {1} cannot be read", segment, offset);
            segment.stateDead(number);
        }
    }

    private void finish() {
        for (Segment segment : state.segments().values()) {
            if (!segment.equals(active)) {
                segment.seal();
            }
        }
    }

    /** A segment's file while recovering. */
    private record OpenSegment(long number, int generation, Disk.File file, long size) {}

    /** The segments' files by number. */
    private static final class NavigableFiles {
        private final TreeMap<Long, OpenSegment> byNumber = new TreeMap<>();

        void put(OpenSegment segment) {
            byNumber.put(segment.number(), segment);
        }

        OpenSegment get(long number) {
            OpenSegment segment = byNumber.get(number);
            if (segment == null) {
                throw new IllegalStateException("no segment " + number);
            }
            return segment;
        }

        Iterable<OpenSegment> descending() {
            return byNumber.descendingMap().values();
        }

        Iterable<OpenSegment> upTo(long number) {
            return byNumber.headMap(number, true).values();
        }

        Iterable<OpenSegment> after(long number) {
            return byNumber.tailMap(number, false).values();
        }

        @Nullable
        OpenSegment last() {
            return byNumber.isEmpty() ? null : byNumber.lastEntry().getValue();
        }

        void close() throws IOException {
            for (OpenSegment segment : byNumber.values()) {
                segment.file().close();
            }
        }
    }
}
