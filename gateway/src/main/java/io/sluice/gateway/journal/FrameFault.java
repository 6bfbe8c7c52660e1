// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Says why bytes at a place, where a frame should begin, are none. One thread. */
final class FrameFault {

    private static final int PIECE_BYTES = 64 << 10;

    private FrameFault() {}

    /** What was expected and what was found. */
    static String at(Disk.File file, long offset, int generation) throws IOException {
        long left = file.size() - offset;
        ByteBuffer header = ByteBuffer.allocate(JournalFormat.FRAME_HEADER_BYTES);
        if (file.read(header, offset) < JournalFormat.FRAME_HEADER_BYTES) {
            return "expected a frame header of %d bytes, found %,d".formatted(JournalFormat.FRAME_HEADER_BYTES, left);
        }
        header.flip();
        int magic = header.getInt(0);
        if (magic != JournalFormat.BATCH_MAGIC && magic != JournalFormat.FOOTER_MAGIC) {
            return "expected a frame's magic %08x, found %08x".formatted(JournalFormat.BATCH_MAGIC, magic);
        }
        int last = JournalFormat.FRAME_HEADER_BYTES - 4;
        int crc = JournalFormat.crc(header, 0, last);
        if (crc != header.getInt(last)) {
            return "expected a frame header with the checksum %08x, found %08x".formatted(crc, header.getInt(last));
        }
        JournalFormat.FrameHeader frame = JournalFormat.FrameHeader.read(header);
        if (frame == null || frame.generation() != generation) {
            return "expected a frame of generation %08x, found %08x".formatted(generation, header.getInt(4));
        }
        long room = left - JournalFormat.FRAME_HEADER_BYTES;
        if (frame.bodyBytes() < 0 || frame.bodyBytes() > room) {
            return "expected a frame of batch %,d with %,d bytes, found %,d"
                    .formatted(frame.batch(), frame.bodyBytes(), room);
        }
        return "expected a frame of batch %,d with the checksum %08x, found %08x"
                .formatted(
                        frame.batch(),
                        frame.bodyCrc(),
                        crc(file, offset + JournalFormat.FRAME_HEADER_BYTES, frame.bodyBytes()));
    }

    private static int crc(Disk.File file, long from, int bytes) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE_BYTES, Math.max(1, bytes)));
        for (int done = 0; done < bytes; done += piece.limit()) {
            piece.clear().limit(Math.min(piece.capacity(), bytes - done));
            int read = file.read(piece, from + done);
            crc.update(piece.flip());
            if (read == 0) {
                break;
            }
        }
        return (int) crc.getValue();
    }
}
