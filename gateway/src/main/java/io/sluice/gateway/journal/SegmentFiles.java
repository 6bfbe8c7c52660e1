// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The segments' files by number, open while the journal recovers. A header that is damaged is made again from the frames; a file in
 * which nothing can be used gets another name. Nothing is changed before it is known that no newer program has written here.
 */
final class SegmentFiles {

    private static final System.Logger LOG = System.getLogger(SegmentFiles.class.getName());
    static final String DAMAGED = ".damaged";

    private final Disk disk;
    private final Set<String> names;
    private final TreeMap<Long, OpenSegment> byNumber = new TreeMap<>();
    private final List<String> setAside = new ArrayList<>();
    private @Nullable UUID journalId;
    private long numberMax;
    private boolean lastIsForced = true;

    /** A segment's file and its size in bytes when it was opened. */
    record OpenSegment(long number, int version, int generation, SalvagedFile file, long size) {}

    /** @throws IOException if the directory cannot be listed, or a newer format version is there */
    SegmentFiles(Disk disk) throws IOException {
        this.disk = disk;
        this.names = new HashSet<>(disk.list());
        List<String> headless = new ArrayList<>();
        for (String name : names.stream().sorted().toList()) {
            long number = JournalFormat.segmentNumber(name);
            if (number >= 0) {
                numberMax = Math.max(numberMax, number);
                if (!open(name, number)) {
                    headless.add(name);
                }
            }
        }
        names.stream().filter(name -> name.endsWith(JournalFormat.FRESH)).forEach(this::delete);
        headless.forEach(this::openDamaged);
    }

    /** Opens a segment whose header is whole; whether it is. */
    private boolean open(String name, long number) throws IOException {
        SalvagedFile file;
        JournalFormat.SegmentHeader header;
        long size;
        try {
            file = new SalvagedFile(disk.open(name, false));
            ByteBuffer bytes = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
            file.read(bytes, 0);
            header = JournalFormat.SegmentHeader.read(bytes.flip());
            size = file.size();
        } catch (IOException e) {
            return false; // tried again, and told of, when nothing stands against changing something
        }
        if (header == null) {
            close(file);
            return false;
        }
        if (header.version() > JournalFormat.VERSION) {
            close(file);
            byNumber.values().forEach(segment -> close(segment.file()));
            throw new IOException("segment %s has format version %d, this program reads up to %d"
                    .formatted(name, header.version(), JournalFormat.VERSION));
        }
        journalId = new UUID(header.journalHigh(), header.journalLow());
        byNumber.put(number, new OpenSegment(number, header.version(), header.generation(), file, size));
        return true;
    }

    private void openDamaged(String name) {
        long number = JournalFormat.segmentNumber(name);
        SalvagedFile file = null;
        try {
            file = new SalvagedFile(disk.open(name, false));
            OptionalInt generation = new FrameScanner().firstGeneration(file);
            long size = file.size();
            if (generation.isPresent()) {
                LOG.log(
                        Level.ERROR,
                        "segment {0} has no readable header; it is made again, as its frames are whole",
                        name);
                byNumber.put(number, new OpenSegment(number, JournalFormat.VERSION, generation.getAsInt(), file, size));
                JournalFormat.writeHeader(file, number, journalId(), generation.getAsInt());
                return;
            }
            boolean neverForced =
                    file.unreadableBytes() == 0 && (number == numberMax || size <= JournalFormat.HEADER_BYTES);
            close(file);
            if (neverForced) { // a power cut came before its header was safe, so nothing in it was
                if (size <= JournalFormat.HEADER_BYTES) {
                    delete(name);
                } else {
                    rename(name, "a power cut tore it before anything in it was forced");
                }
            } else {
                setAside(name, "nothing in it can be used");
            }
        } catch (IOException e) {
            if (byNumber.containsKey(number)) {
                LOG.log(Level.WARNING, "segment {0}: its header cannot be written: {1}", name, e);
                return;
            }
            if (file != null) {
                close(file);
            }
            setAside(name, e.toString());
        }
    }

    private void setAside(String name, String why) {
        setAside.add(rename(name, why));
    }

    /** The name that it has then. */
    private String rename(String name, String why) {
        String other = nameAside(name, names);
        try {
            disk.rename(name, other);
            names.add(other);
            LOG.log(Level.WARNING, "segment {0} is set aside as {1}: {2}", name, other, why);
            return other;
        } catch (IOException e) {
            LOG.log(Level.ERROR, "segment {0} is left as it is and not used: {1}; {2}", name, why, e);
            return name;
        }
    }

    /** A name under which nothing is there yet. */
    static String nameAside(String name, Collection<String> taken) {
        String other = name + DAMAGED;
        for (int i = 2; taken.contains(other); i++) {
            other = name + DAMAGED + "-" + i;
        }
        return other;
    }

    private void delete(String name) {
        try {
            disk.delete(name);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot delete {0}: {1}", name, e);
        }
    }

    private static void close(Disk.File file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a file was not closed in good order: {0}", e);
        }
    }

    /** Files that were given another name, or could not even be. */
    List<String> setAside() {
        return Collections.unmodifiableList(setAside);
    }

    /** The highest number that a file here has or had; the next segment's is higher. */
    long numberMax() {
        return numberMax;
    }

    long unreadableBytes() {
        return byNumber.values().stream()
                .mapToLong(segment -> segment.file().unreadableBytes())
                .sum();
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

    /** Whether {@link #close} has made the last segment safe. */
    boolean lastIsForced() {
        return lastIsForced;
    }

    /** Makes what is there safe, so that nothing is built on what a power cut may still take, and closes the files. */
    void close() {
        try {
            if (!byNumber.isEmpty()) {
                byNumber.lastEntry().getValue().file().force(); // those before it were forced before it was made
            }
        } catch (IOException e) {
            lastIsForced = false;
            LOG.log(Level.ERROR, "the last segment cannot be forced, and is to be written anew: {0}", e);
        }
        try {
            disk.forceDirectory();
        } catch (IOException e) { // what was acknowledged needs none of the names that were changed here
            LOG.log(Level.WARNING, "the journal''s directory cannot be forced: {0}", e);
        }
        byNumber.values().forEach(segment -> close(segment.file()));
    }
}
