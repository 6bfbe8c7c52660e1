// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.RecentTopics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the frames of one segment file. A frame whose checksums do not hold is skipped by looking for the next header that
 * does. Reads through a window, so that small frames cost no system call each. One thread at a time.
 */
final class FrameScanner {

    private static final int WINDOW_BYTES = 256 << 10;

    private final RecentTopics topics = new RecentTopics(RecordCursor.TOPICS);
    private ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
    private Disk.@Nullable File file;
    private int generation;
    private long windowStart;
    private long end;
    private long next;
    private long frameStart;
    private int bodyAt;
    private long skippedBytes;
    private JournalFormat.@Nullable FrameHeader header;

    /**
     * Begins at an offset of a file.
     *
     * @param from where a frame begins
     * @param segmentEnd where whole frames end at the latest, exclusive
     */
    void start(Disk.File segmentFile, int segmentGeneration, long from, long segmentEnd) {
        if (!segmentFile.equals(file) || from < windowStart || from > windowStart + window.limit()) {
            windowStart = from; // else what has been read is used again: whole frames never change
            window.clear().limit(0);
        }
        file = segmentFile;
        generation = segmentGeneration;
        next = from;
        end = segmentEnd;
        skippedBytes = 0;
        header = null;
    }

    /** The generation of the first frame header that is whole, for a segment that does not say it itself. */
    OptionalInt firstGeneration(Disk.File segmentFile) throws IOException {
        start(segmentFile, 0, 0, segmentFile.size());
        for (long at = 0; at + JournalFormat.FRAME_HEADER_BYTES <= end; at++) {
            fill(at, JournalFormat.FRAME_HEADER_BYTES);
            JournalFormat.FrameHeader found = headerAt(at);
            if (found != null) {
                return OptionalInt.of(found.generation());
            }
        }
        return OptionalInt.empty();
    }

    /** Goes to the next whole frame; false at the end. */
    boolean next() throws IOException {
        long skippedFrom = next;
        while (next + JournalFormat.FRAME_HEADER_BYTES <= end) {
            if (tryFrame()) {
                skippedBytes = frameStart - skippedFrom;
                return true;
            }
            next++;
        }
        next = skippedFrom;
        return false;
    }

    private boolean tryFrame() throws IOException {
        if (!fill(next, JournalFormat.FRAME_HEADER_BYTES)) {
            return false;
        }
        JournalFormat.FrameHeader found = headerAt(next);
        if (found == null
                || found.generation() != generation
                || found.bodyBytes() < 0
                || found.bodyBytes() > JournalFormat.BODY_BYTES_MAX) {
            return false;
        }
        long frameEnd = next + JournalFormat.FRAME_HEADER_BYTES + found.bodyBytes();
        if (frameEnd > end || !fill(next, JournalFormat.FRAME_HEADER_BYTES + found.bodyBytes())) {
            return false;
        }
        int body = (int) (next - windowStart) + JournalFormat.FRAME_HEADER_BYTES;
        if (JournalFormat.crc(window.array(), body, found.bodyBytes()) != found.bodyCrc()) {
            return false;
        }
        header = found;
        frameStart = next;
        bodyAt = body;
        next = frameEnd;
        return true;
    }

    private JournalFormat.@Nullable FrameHeader headerAt(long offset) {
        int at = (int) (offset - windowStart);
        if ((window.get(at) & 0xFF) != JournalFormat.BATCH_MAGIC >>> 24) {
            return null; // both magics begin alike; looking for the next header is quick
        }
        return JournalFormat.FrameHeader.read(window.slice(at, JournalFormat.FRAME_HEADER_BYTES));
    }

    /** Makes the window hold the bytes; false if the file does not have them. */
    private boolean fill(long from, int bytes) throws IOException {
        if (from >= windowStart && from + bytes <= windowStart + window.limit()) {
            return true;
        }
        if (bytes > window.capacity()) {
            window = ByteBuffer.allocate(Math.max(bytes, 2 * window.capacity()));
        }
        window.clear().limit(0); // a read that fails leaves nothing in it
        windowStart = from;
        int read = file().read(ByteBuffer.wrap(window.array(), 0, (int) Math.min(window.capacity(), end - from)), from);
        window.limit(read);
        return read >= bytes;
    }

    private Disk.File file() {
        if (file == null) {
            throw new IllegalStateException("no file to scan");
        }
        return file;
    }

    JournalFormat.FrameHeader header() {
        if (header == null) {
            throw new IllegalStateException("no frame under the scanner");
        }
        return header;
    }

    /** Where the frame begins in the file. */
    long frameStart() {
        return frameStart;
    }

    /** Where the next frame should begin. */
    long frameEnd() {
        return next;
    }

    /** The records of the frame. Their contents are to be used before the scanner goes on. */
    RecordCursor records() {
        return recordsFrom(0);
    }

    /** The records of the frame from one on, by {@link #placeOf}. */
    RecordCursor recordsFrom(int place) {
        return new RecordCursor(window.array(), bodyAt + place, bodyAt + header().bodyBytes(), header().time(), topics);
    }

    /** Where in the frame the cursor's next record is. */
    int placeOf(RecordCursor cursor) {
        return cursor.position() - bodyAt;
    }

    /** Bytes that were skipped before the frame because they are no whole frame. */
    long skippedBytes() {
        return skippedBytes;
    }
}
