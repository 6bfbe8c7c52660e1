// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Works on the file of one sealed segment of which little is needed: puts a file with only that in its place, under the same number,
 * so that the order stays; or reads the states out of it, which then are written again at the tail. On the reader thread, so that
 * nothing is read of the segment meanwhile.
 */
final class SegmentRewrite {

    private static final System.Logger LOG = System.getLogger(SegmentRewrite.class.getName());

    private final Disk disk;
    private final UUID journalId;
    private final long number;
    private final int generation;
    private final long bytes;
    private final LiveRecords live;
    private final FrameScanner scanner = new FrameScanner();
    private final List<Long> states = new ArrayList<>();
    private final Batch batch = new Batch();

    SegmentRewrite(Disk disk, UUID journalId, Segment segment, LiveRecords live) {
        this.disk = disk;
        this.journalId = journalId;
        this.number = segment.number();
        this.generation = segment.generation();
        this.bytes = segment.bytes();
        this.live = live;
    }

    /**
     * The file that is there when all is done.
     *
     * @param isNew whether it is another one than before
     */
    record File(boolean isNew, int generation, long bytes) {}

    /** A state that was read. */
    record Found(long stateNumber, DurableState state) {}

    /**
     * Puts a smaller file in the place of the segment's.
     *
     * @param newGeneration what its frames bear
     * @param bytesMax above this it is not worth it
     */
    File shrink(int newGeneration, long bytesMax) throws IOException {
        File same = new File(false, generation, bytes);
        String name = JournalFormat.fileName(number);
        String fresh = name + JournalFormat.FRESH;
        Segment target = new Segment(number, newGeneration, live.firstState());
        disk.delete(fresh);
        boolean done = false;
        try {
            if (!write(name, fresh, target, bytesMax)) {
                return same;
            }
            disk.rename(fresh, name);
            done = true;
        } finally {
            if (!done) {
                disk.delete(fresh); // it would take what room there is
            }
        }
        try {
            disk.forceDirectory();
        } catch (IOException e) { // either file may be there after a power cut, and either will do
            LOG.log(Level.WARNING, "the directory cannot be forced after {0} was rewritten: {1}", name, e);
        }
        return new File(true, newGeneration, target.bytes());
    }

    private boolean write(String name, String fresh, Segment target, long bytesMax) throws IOException {
        try (Disk.File from = disk.open(name, false);
                Disk.File to = disk.open(fresh, true)) {
            JournalFormat.writeHeader(to, number, journalId, target.generation());
            boolean whole = copy(from, to, target, bytesMax);
            if (whole) {
                to.force();
            }
            return whole;
        } catch (RuntimeException e) {
            throw new IOException("a record in it is none", e);
        }
    }

    /** Whether all that is needed and the footer were written. */
    private boolean copy(Disk.File from, Disk.File to, Segment target, long bytesMax) throws IOException {
        scanner.start(from, generation, JournalFormat.HEADER_BYTES, bytes);
        while (scanner.next()) {
            JournalFormat.FrameHeader header = scanner.header();
            batch.begin(header.batch(), header.time());
            batch.place(new Batch.Place(target, target.bytes(), header.isFooter()));
            if (header.isFooter()) {
                Snapshot.relocate(
                        scanner.records(),
                        states.stream().mapToLong(Long::longValue).toArray(),
                        batch.records());
                write(to, target, header.forced());
                return true;
            }
            keep(scanner.records(), header.time(), target.bytes());
            if (target.bytes() + batch.frameBytes() > bytesMax) {
                return false;
            }
            if (!batch.isEmpty()) {
                write(to, target, header.forced());
            }
        }
        return false; // without its footer it is better left as it is
    }

    private void keep(RecordCursor records, long time, long frameOffset) {
        while (records.hasNext()) {
            switch (records.next()) {
                case JournalRecord.Stored stored -> {
                    Receivers receivers = new Receivers();
                    for (JournalRecord.Receiver to : stored.receivers()) {
                        if (live.isUnsettled(to.owner(), to.sequence())) {
                            receivers.add(to.owner(), to.sequence(), to.qos(), to.retain(), to.subscriptionIds());
                        }
                    }
                    boolean retained = isLive(stored.retainedNumber(), frameOffset);
                    if (retained || !receivers.isEmpty()) {
                        // The packet identifier with which it came is in later footers, and what has become of it
                        // since.
                        long retainedNumber = retained ? stored.retainedNumber() : 0;
                        batch.records().message(stored.content().message(), time, receivers, 0, 0, retainedNumber, 0);
                    }
                }
                case JournalRecord.State put -> {
                    if (isLive(put.number(), frameOffset)) {
                        batch.records().state(put.number(), put.replaced(), put.state());
                    }
                }
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

    private boolean isLive(long stateNumber, long frameOffset) {
        boolean found = live.isLive(stateNumber);
        if (found) {
            states.add(stateNumber - live.firstState());
            states.add(frameOffset);
        }
        return found;
    }

    private void write(Disk.File to, Segment target, long forced) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(batch.frameBytes());
        long offset = target.take(batch.frameBytes());
        batch.write(frame, forced);
        to.write(frame.flip(), offset);
    }

    /**
     * The live states, or none if moving them would not be worth it.
     *
     * @param bytesMax what they may have in all
     * @param onceMax what is given at once
     */
    List<Found> states(long bytesMax, long onceMax) throws IOException {
        List<Found> found = new ArrayList<>();
        RecordBuffer size = new RecordBuffer(1 << 10);
        long all = 0;
        try (Disk.File from = disk.open(JournalFormat.fileName(number), false)) {
            scanner.start(from, generation, JournalFormat.HEADER_BYTES, bytes);
            while (scanner.next()) {
                RecordCursor records = scanner.records();
                while (!scanner.header().isFooter() && records.hasNext()) {
                    Found state = state(records.next());
                    if (state != null) {
                        size.clear();
                        size.state(state.stateNumber(), 0, state.state());
                        all += size.length();
                        if (all <= onceMax || found.isEmpty()) {
                            found.add(state);
                        }
                    }
                }
            }
        } catch (RuntimeException e) {
            throw new IOException("a record in it is none", e);
        }
        return all > bytesMax ? List.of() : found;
    }

    private @org.jspecify.annotations.Nullable Found state(JournalRecord record) {
        return switch (record) {
            case JournalRecord.Stored stored
            when live.isLive(stored.retainedNumber()) ->
                new Found(
                        stored.retainedNumber(),
                        new DurableState.RetainedState(stored.content().message()));
            case JournalRecord.State put when live.isLive(put.number()) -> new Found(put.number(), put.state());
            case JournalRecord other -> null;
        };
    }
}
