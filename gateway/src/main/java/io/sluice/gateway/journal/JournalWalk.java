// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the segments of a {@link FrozenDisk}, frame by frame and record by record, in the order in which they were written, and
 * holds no more than one frame of it. Comes to an end whatever the bytes are. One thread.
 */
final class JournalWalk {

    private final FrozenDisk disk;
    private final FrameScanner scanner = new FrameScanner();

    JournalWalk(FrozenDisk disk) {
        this.disk = disk;
    }

    /** Takes what there is, in its order. */
    interface Visitor {

        /** @param header what its header says, or null if that is damaged */
        default void begin(Segment segment, JournalFormat.@Nullable SegmentHeader header, SalvagedFile file)
                throws IOException {}

        /**
         * Bytes that are no whole frame, but for the trailer of a footer.
         *
         * @param to exclusive
         * @param next the frame behind them, or null at the end of the segment
         */
        default void gap(long from, long to, JournalFormat.@Nullable FrameHeader next) throws IOException {}

        default void frame(JournalFormat.FrameHeader header, long offset) {}

        /** @param footer what it holds, which is a {@link Snapshot} */
        default void footer(JournalFormat.FrameHeader header, long offset, RecordCursor footer) {}

        /** @param bytes what it takes in the segment */
        default void record(JournalRecord record, int bytes) throws IOException {}

        /** All records of the frame were read. */
        default void frameEnd(JournalFormat.FrameHeader header, long offset) {}

        /** A record of the last frame is none. */
        default void none(RuntimeException why) {}

        default void end(Segment segment) throws IOException {}
    }

    /** Goes through these segments. */
    void go(Iterable<Segment> segments, Predicate<Segment> which, Visitor visitor, JournalImage.Progress progress)
            throws IOException {
        long before = 0;
        for (Segment segment : segments) {
            SalvagedFile file = new SalvagedFile(disk.open(JournalFormat.fileName(segment.number()), false));
            if (which.test(segment)) {
                go(segment, file, visitor, before, progress);
            }
            before += file.size();
            progress.at(before, disk.bytes());
        }
    }

    private void go(Segment segment, SalvagedFile file, Visitor visitor, long before, JournalImage.Progress progress)
            throws IOException {
        visitor.begin(segment, header(file), file);
        scanner.start(file, segment.generation(), JournalFormat.HEADER_BYTES, file.size());
        boolean footer = false;
        while (scanner.next()) {
            if (scanner.skippedBytes() > 0) {
                visitor.gap(scanner.frameStart() - scanner.skippedBytes(), scanner.frameStart(), scanner.header());
            }
            footer = scanner.header().isFooter();
            if (footer) {
                visitor.footer(scanner.header(), scanner.frameStart(), scanner.records());
            } else {
                visitor.frame(scanner.header(), scanner.frameStart());
                records(visitor);
                visitor.frameEnd(scanner.header(), scanner.frameStart());
            }
            progress.at(before + scanner.frameEnd(), disk.bytes());
        }
        long rest = scanner.frameEnd() + (footer ? JournalFormat.TRAILER_BYTES : 0);
        if (rest < file.size()) {
            visitor.gap(rest, file.size(), null);
        }
        visitor.end(segment);
    }

    private void records(Visitor visitor) throws IOException {
        RecordCursor records = scanner.records();
        while (records.hasNext()) {
            int from = records.position();
            JournalRecord record;
            try {
                record = records.next();
            } catch (RuntimeException e) { // its checksum holds, but it was written by a bug
                visitor.none(e);
                continue;
            }
            visitor.record(record, records.position() - from);
        }
    }

    private static JournalFormat.@Nullable SegmentHeader header(SalvagedFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
        file.read(bytes, 0);
        return JournalFormat.SegmentHeader.read(bytes.flip());
    }
}
