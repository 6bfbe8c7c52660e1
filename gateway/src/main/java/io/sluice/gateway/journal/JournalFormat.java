// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The bytes of the journal. All integers are big-endian; a varint has seven bits a byte, lowest first, the high bit says that more
 * follow.
 *
 * <pre>
 * segment file NNNNNNNNNN.sluice: header, frames, and once sealed a footer frame and the trailer
 *
 * header   | magic 8 | version u16 | 0 u16 | segment u64 | journal id 16 | generation u32 | CRC-32C of the 40 before u32 |      44
 * frame    | magic u32 | generation u32 | batch u64 | forced up to batch u64 | time u64 | body bytes u32 |
 *          | CRC-32C of the body u32 | CRC-32C of the 40 before u32 | body |                                                  44 + n
 * trailer  | magic u32 | offset of the footer frame u32 | CRC-32C of the 8 before u32 |                                           12
 * </pre>
 *
 * The body of a batch frame is a run of records, each {@code | type u8 | bytes varint | ... |}: see {@link RecordBuffer}. The body
 * of a footer frame is a {@link Snapshot}. The generation is drawn anew for each segment, so that old bytes of a file that is used
 * again are not believed. {@code time} is the journal's clock in milliseconds when the batch began; records count from it.
 */
final class JournalFormat {

    /** 1 had no notes of the machine's clocks. */
    static final int VERSION = 2;

    static final long SEGMENT_MAGIC = 0x534C_5549_4345_4A31L; // "SLUICEJ1"
    static final int BATCH_MAGIC = 0x5342_4154; // "SBAT"
    static final int FOOTER_MAGIC = 0x5346_4F4F; // "SFOO"
    static final int TRAILER_MAGIC = 0x5354_5241; // "STRA"

    /** What follows the name of a file that is to take a segment's place. */
    static final String FRESH = ".new";

    static final int HEADER_BYTES = 44;
    static final int FRAME_HEADER_BYTES = 44;
    static final int TRAILER_BYTES = 12;

    /** No frame has as much: a batch is closed when it is large enough, with one packet of 256 MiB in it at the most. */
    static final int BODY_BYTES_MAX = 512 << 20;

    static final Sizes SIZES = new Sizes(8 << 20, 256 << 10, 1 << 20);

    private JournalFormat() {}

    static void writeHeader(Disk.File file, long segment, UUID journalId, int generation) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        new SegmentHeader(
                        VERSION,
                        segment,
                        journalId.getMostSignificantBits(),
                        journalId.getLeastSignificantBits(),
                        generation)
                .write(header);
        file.write(header.flip(), 0);
    }

    /**
     * What is not fixed by the format.
     *
     * @param segmentBytes where a segment ends and the next begins; a batch larger than this makes its segment longer
     * @param batchBytes where a batch is closed and the next begins, so that readers take small bites
     */
    record Sizes(int segmentBytes, int batchBytes, int reserveBytes) {}

    /** What a segment's header says. */
    record SegmentHeader(int version, long segment, long journalHigh, long journalLow, int generation) {

        void write(ByteBuffer out) {
            int start = out.position();
            out.putLong(SEGMENT_MAGIC)
                    .putShort((short) version)
                    .putShort((short) 0)
                    .putLong(segment);
            out.putLong(journalHigh).putLong(journalLow).putInt(generation);
            out.putInt(crc(out, start, HEADER_BYTES - 4));
        }

        /** @return the header, or null if the bytes are not one */
        static @org.jspecify.annotations.Nullable SegmentHeader read(ByteBuffer in) {
            if (in.remaining() < HEADER_BYTES) {
                return null;
            }
            int start = in.position();
            if (in.getLong(start) != SEGMENT_MAGIC
                    || in.getInt(start + HEADER_BYTES - 4) != crc(in, start, HEADER_BYTES - 4)) {
                return null;
            }
            return new SegmentHeader(
                    in.getShort(start + 8) & 0xFFFF,
                    in.getLong(start + 12),
                    in.getLong(start + 20),
                    in.getLong(start + 28),
                    in.getInt(start + 36));
        }
    }

    /** What a frame's header says. */
    record FrameHeader(int magic, int generation, long batch, long forced, long time, int bodyBytes, int bodyCrc) {

        void write(ByteBuffer out) {
            int start = out.position();
            out.putInt(magic).putInt(generation).putLong(batch).putLong(forced).putLong(time);
            out.putInt(bodyBytes).putInt(bodyCrc);
            out.putInt(crc(out, start, FRAME_HEADER_BYTES - 4));
        }

        /** @return the header, or null if the bytes at the position are not one */
        static @org.jspecify.annotations.Nullable FrameHeader read(ByteBuffer in) {
            if (in.remaining() < FRAME_HEADER_BYTES) {
                return null;
            }
            int start = in.position();
            int magic = in.getInt(start);
            if ((magic != BATCH_MAGIC && magic != FOOTER_MAGIC)
                    || in.getInt(start + FRAME_HEADER_BYTES - 4) != crc(in, start, FRAME_HEADER_BYTES - 4)) {
                return null;
            }
            return new FrameHeader(
                    magic,
                    in.getInt(start + 4),
                    in.getLong(start + 8),
                    in.getLong(start + 16),
                    in.getLong(start + 24),
                    in.getInt(start + 32),
                    in.getInt(start + 36));
        }

        boolean isFooter() {
            return magic == FOOTER_MAGIC;
        }
    }

    static String fileName(long segment) {
        return "%010d.sluice".formatted(segment);
    }

    /** The number of the segment in a file of that name, or -1 if it is no segment's name. */
    static long segmentNumber(String fileName) {
        if (!fileName.endsWith(".sluice") || fileName.length() != 17) {
            return -1;
        }
        String digits = fileName.substring(0, 10);
        return digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.parseLong(digits) : -1;
    }

    static int crc(ByteBuffer bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(from, length));
        return (int) crc.getValue();
    }

    static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
