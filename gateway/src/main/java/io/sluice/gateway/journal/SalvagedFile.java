// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** A file of which parts cannot be read: these are zeros, which no checksum takes for a frame, and are counted. One thread. */
final class SalvagedFile implements Disk.File {

    private static final int PAGE_BYTES = 4 << 10;
    private static final int ATTEMPTS = 3;

    private final Disk.File file;
    private final BitSet unreadable = new BitSet();

    SalvagedFile(Disk.File file) {
        this.file = file;
    }

    /** Bytes that could not be read so far, in whole pages. */
    long unreadableBytes() {
        return (long) unreadable.cardinality() * PAGE_BYTES;
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
        int start = into.position();
        try {
            return file.read(into, offset);
        } catch (IOException e) {
            into.position(start);
            return readPages(into, offset);
        }
    }

    private int readPages(ByteBuffer into, long offset) throws IOException {
        long end = Math.min(file.size(), offset + into.remaining());
        long at = offset;
        while (at < end) {
            int wanted = (int) Math.min(end - at, PAGE_BYTES - at % PAGE_BYTES);
            ByteBuffer page = into.slice(into.position(), wanted);
            if (!readPage(page, at)) {
                unreadable.set((int) (at / PAGE_BYTES));
                page.clear();
                while (page.hasRemaining()) {
                    page.put((byte) 0);
                }
            }
            into.position(into.position() + wanted);
            at += wanted;
        }
        return (int) Math.max(0, end - offset);
    }

    private boolean readPage(ByteBuffer page, long offset) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                page.clear();
                file.read(page, offset);
                return true;
            } catch (IOException again) {
                // The next attempt may go well; a card that is pulled out fails them all.
            }
        }
        return false;
    }

    @Override
    public void write(ByteBuffer bytes, long offset) throws IOException {
        file.write(bytes, offset);
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public void truncate(long bytes) throws IOException {
        file.truncate(bytes);
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
