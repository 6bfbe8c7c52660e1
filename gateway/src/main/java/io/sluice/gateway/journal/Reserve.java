// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Room on the disk that is given up when there is no other, so that what makes room can still be written: a file that is deleted then,
 * and made again when there is room for it twice. Of the journal thread alone.
 */
final class Reserve {

    static final String FILE = "reserve";

    private static final System.Logger LOG = System.getLogger(Reserve.class.getName());
    private static final int PIECE_BYTES = 64 << 10;

    private final Disk disk;
    private final int bytes;
    private boolean there;
    /** Whether the journal goes without one. */
    private boolean none;

    /** @param bytes what the file has, or 0 if there is to be none */
    Reserve(Disk disk, int bytes) {
        this.disk = disk;
        this.bytes = bytes;
        this.none = bytes == 0;
    }

    /** Whether it was given up, or could not be made for lack of room. */
    boolean isMissing() {
        return !there && !none;
    }

    /** Makes room for what is written next; false if there is nothing to be given up. */
    boolean giveUp() {
        if (!there) {
            return false;
        }
        there = false;
        try {
            disk.delete(FILE);
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the reserve cannot be given up: {0}", e);
            return false;
        }
    }

    /** Makes it if it is missing and there is room. Whatever else is wrong with it must not keep the journal from working. */
    void make() {
        if (!isMissing()) {
            return;
        }
        try {
            write();
            there = true;
        } catch (DiskFull e) {
            deleteRest();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal has no reserve for a full disk: {0}", e);
            none = true;
            deleteRest();
        }
    }

    private void write() throws IOException {
        try (Disk.File file = disk.open(FILE, true)) {
            if (file.size() == bytes) {
                return;
            }
            byte[] piece = new byte[Math.min(bytes, PIECE_BYTES)];
            new SplittableRandom().nextBytes(piece); // a file system that packs its files must find nothing to pack
            for (long at = 0; at < 2L * bytes; at += piece.length) { // else the next message would be one too many
                file.write(ByteBuffer.wrap(piece), at);
            }
            file.truncate(bytes);
        }
    }

    private void deleteRest() {
        try {
            disk.delete(FILE);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "what was made of the reserve stays: {0}", e);
        }
    }
}
