// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.nio.ByteBuffer;

/**
 * A run of records on its way to disk: a frame at a place in a segment. Made on the broker thread, handed to the writer whole, and
 * handed back to be used again.
 */
final class Batch {

    /** For what acknowledgements leave; one that takes messages grows, and is used again. */
    private static final int BYTES_AT_FIRST = 4 << 10;

    private final RecordBuffer records = new RecordBuffer(BYTES_AT_FIRST);
    private Place place = new Place(new Segment(0, 0, 0), 0, false);
    private long number;
    private long time;
    private boolean mustForce;

    /**
     * Where a frame goes.
     *
     * @param offset in bytes; the frame's room was taken from the segment
     * @param footer whether it is the segment's footer, with the trailer behind it
     */
    record Place(Segment segment, long offset, boolean footer) {}

    RecordBuffer records() {
        return records;
    }

    /** Begins a batch; {@code batchTime} in milliseconds of the journal's clock. */
    void begin(long batchNumber, long batchTime) {
        records.clear();
        number = batchNumber;
        time = batchTime;
        mustForce = false;
    }

    long number() {
        return number;
    }

    long time() {
        return time;
    }

    void mustForce() {
        mustForce = true;
    }

    boolean isForced() {
        return mustForce;
    }

    void place(Place there) {
        place = there;
    }

    Place place() {
        return place;
    }

    boolean isEmpty() {
        return records.length() == 0;
    }

    /** Bytes on disk. */
    int frameBytes() {
        return JournalFormat.FRAME_HEADER_BYTES + records.length() + (place.footer() ? JournalFormat.TRAILER_BYTES : 0);
    }

    /** Writes the frame as it stands on disk; the buffer has room for {@link #frameBytes()}. */
    void write(ByteBuffer out, long forced) {
        int magic = place.footer() ? JournalFormat.FOOTER_MAGIC : JournalFormat.BATCH_MAGIC;
        int bodyCrc = JournalFormat.crc(records.array(), 0, records.length());
        new JournalFormat.FrameHeader(
                        magic, place.segment().generation(), number, forced, time, records.length(), bodyCrc)
                .write(out);
        out.put(records.array(), 0, records.length());
        if (place.footer()) {
            int start = out.position();
            out.putInt(JournalFormat.TRAILER_MAGIC).putInt((int) place.offset());
            out.putInt(JournalFormat.crc(out, start, 8));
        }
    }
}
