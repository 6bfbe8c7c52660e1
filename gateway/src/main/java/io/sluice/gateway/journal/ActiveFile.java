// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The file of the active segment. A force of a file that has grown makes the file system write down its new size and blocks, which
 * costs a small batch more than the batch itself; therefore a small frame at the end of the file has zeros written behind it, over
 * which the next ones go. They end with the segment. Of the journal thread alone.
 */
final class ActiveFile {

    /** Larger frames make the file grow by themselves: zeros behind them would be written for little. */
    private static final int SMALL_BYTES = 8 << 10;

    private static final int AHEAD_BYTES_MAX = 64 << 10;
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(AHEAD_BYTES_MAX).asReadOnlyBuffer();

    private final Segment segment;
    private final int aheadBytes;
    private final Disk.File file;
    /** Where the last frame ends, and where the zeros behind it do. */
    private long end;

    private long zerosEnd;
    private long forced;
    private boolean failed;

    /**
     * @param forced up to where the file is forced; it has nothing beyond
     * @param aheadBytes how many zeros are written behind a small frame
     */
    ActiveFile(Segment segment, Disk.File file, long forced, int aheadBytes) {
        this.segment = segment;
        this.aheadBytes = aheadBytes;
        this.file = file;
        this.forced = forced;
        this.end = forced;
        this.zerosEnd = forced;
    }

    /** Zeros for some dozens of small batches, and little of a segment. */
    static int aheadBytes(JournalFormat.Sizes sizes) {
        return Math.min(AHEAD_BYTES_MAX, sizes.segmentBytes() / 16);
    }

    Segment segment() {
        return segment;
    }

    Disk.File file() {
        return file;
    }

    /**
     * Writes a frame.
     *
     * @param last whether it is the segment's last one
     * @return the bytes written
     */
    long write(ByteBuffer frame, long offset, boolean last) throws IOException {
        int bytes = frame.remaining();
        file.write(frame, offset);
        end = Math.max(end, offset + bytes);
        if (last) {
            trim();
        } else if (end > zerosEnd && bytes <= SMALL_BYTES) {
            return bytes + writeAhead();
        }
        return bytes;
    }

    /** Zeros are a convenience: where there is no room for them, the file grows frame by frame. */
    private long writeAhead() {
        try {
            file.write(ZEROS.duplicate().limit(aheadBytes), end);
            zerosEnd = end + aheadBytes;
            return aheadBytes;
        } catch (IOException e) {
            zerosEnd = end + aheadBytes; // not tried again with every frame
            return 0;
        }
    }

    /** Takes away the zeros: a sealed segment ends with its trailer, and an open one with its last frame. */
    void trim() throws IOException {
        if (zerosEnd > end) {
            file.truncate(end);
            zerosEnd = end;
        }
    }

    /** Where what was forced ends. */
    long forced() {
        return forced;
    }

    void forcedUpTo(long offset) {
        forced = offset;
    }

    /** Whether a force of it has failed, after which it cannot be trusted. */
    boolean isFailed() {
        return failed;
    }

    void fail() {
        failed = true;
    }
}
