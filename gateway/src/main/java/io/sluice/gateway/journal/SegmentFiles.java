// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The segments' files by number, open while the journal recovers. A header that is damaged is made again from the frames. */
final class SegmentFiles {

    private static final System.Logger LOG = System.getLogger(SegmentFiles.class.getName());

    private final Disk disk;
    private final TreeMap<Long, OpenSegment> byNumber = new TreeMap<>();
    private @Nullable UUID journalId;

    /** A segment's file and its size in bytes when it was opened. */
    record OpenSegment(long number, int generation, Disk.File file, long size) {}

    /** @throws IOException if the directory cannot be read, or a newer format version is there */
    SegmentFiles(Disk disk) throws IOException {
        this.disk = disk;
        for (String name : disk.list().stream().sorted().toList()) {
            if (name.endsWith(JournalFormat.FRESH)) {
                disk.delete(name); // was to take a segment's place, and the process died before it did
            } else if (JournalFormat.segmentNumber(name) >= 0) {
                open(name, JournalFormat.segmentNumber(name));
            }
        }
    }

    private void open(String name, long number) throws IOException {
        Disk.File file = disk.open(name, false);
        ByteBuffer bytes = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
        file.read(bytes, 0);
        JournalFormat.SegmentHeader header = JournalFormat.SegmentHeader.read(bytes.flip());
        if (header == null) {
            openDamaged(name, number, file);
            return;
        }
        if (header.version() > JournalFormat.VERSION) {
            throw new IOException("segment %s has format version %d, this program reads up to %d"
                    .formatted(name, header.version(), JournalFormat.VERSION));
        }
        journalId = new UUID(header.journalHigh(), header.journalLow());
        byNumber.put(number, new OpenSegment(number, header.generation(), file, file.size()));
    }

    private void openDamaged(String name, long number, Disk.File file) throws IOException {
        OptionalInt generation = new FrameScanner().firstGeneration(file);
        if (generation.isPresent()) {
            LOG.log(Level.ERROR, "segment {0} has no readable header; it is made again, as its frames are whole", name);
            JournalFormat.writeHeader(file, number, journalId(), generation.getAsInt());
            byNumber.put(number, new OpenSegment(number, generation.getAsInt(), file, file.size()));
            return;
        }
        boolean empty = file.size() <= JournalFormat.HEADER_BYTES;
        file.close();
        if (empty) {
            disk.delete(name); // its header was never forced, so nothing in it was
        } else {
            LOG.log(Level.ERROR, "segment {0} has nothing readable; it is set aside as {0}.damaged", name);
            disk.rename(name, name + ".damaged");
        }
    }

    /** The journal's own, or a new one if there is none. */
    UUID journalId() {
        if (journalId == null) {
            journalId = UUID.randomUUID();
        }
        return journalId;
    }

    OpenSegment get(long number) {
        OpenSegment segment = byNumber.get(number);
        if (segment == null) {
            throw new IllegalStateException("no segment " + number);
        }
        return segment;
    }

    Iterable<OpenSegment> descending() {
        return byNumber.descendingMap().values();
    }

    Iterable<OpenSegment> upTo(long number) {
        return byNumber.headMap(number, true).values();
    }

    Iterable<OpenSegment> after(long number) {
        return byNumber.tailMap(number, false).values();
    }

    boolean isLast(OpenSegment segment) {
        return byNumber.lastKey() == segment.number();
    }

    /** Makes what is there safe, so that nothing is built on what a power cut may still take, and closes the files. */
    void close() throws IOException {
        if (!byNumber.isEmpty()) {
            byNumber.lastEntry().getValue().file().force(); // those before it were forced before it was made
        }
        disk.forceDirectory();
        for (OpenSegment segment : byNumber.values()) {
            segment.file().close();
        }
    }
}
