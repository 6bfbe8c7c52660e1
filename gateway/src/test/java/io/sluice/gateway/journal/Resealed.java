// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.nio.ByteBuffer;

/** Makes checksums right again after bytes were changed, as a program with a bug would have written them. */
final class Resealed {

    private Resealed() {}

    /** The header of a segment. */
    static void header(byte[] segment) {
        int at = JournalFormat.HEADER_BYTES - 4;
        ByteBuffer.wrap(segment).putInt(at, JournalFormat.crc(segment, 0, at));
    }

    /** The frame that begins at an offset. */
    static void frame(byte[] segment, int offset) {
        ByteBuffer bytes = ByteBuffer.wrap(segment);
        int body = bytes.getInt(offset + 32);
        bytes.putInt(offset + 36, JournalFormat.crc(segment, offset + JournalFormat.FRAME_HEADER_BYTES, body));
        int last = JournalFormat.FRAME_HEADER_BYTES - 4;
        bytes.putInt(offset + last, JournalFormat.crc(segment, offset, last));
    }
}
