// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The segments of a directory as they are at one moment, while a gateway may go on writing there. What is changed in this view is
 * changed here alone and forgotten, so that {@link Recovery} may repair as it always does.
 *
 * <p>All files are opened, the oldest first, and stay open. That makes it one moment: whatever is freed, moved or rewritten before its
 * file is opened, is explained by a segment that is newer and therefore opened later; whatever is deleted or replaced afterwards stays
 * readable through the open file. The newest file is what it was long when all were open; no other grows any more. One thread.
 */
final class FrozenDisk implements Disk {

    private final Disk disk;
    private final NavigableMap<String, FrozenFile> files = new TreeMap<>();
    private final NavigableMap<String, Long> setAside = new TreeMap<>();

    /** @throws IOException if the directory cannot be listed, or a file that is there cannot be opened */
    FrozenDisk(Disk disk) throws IOException {
        this.disk = disk;
        boolean complete = false;
        try {
            while (openNewer()) {
                // A segment that was begun meanwhile may be why an older one was gone.
            }
            for (FrozenFile file : files.values()) {
                file.size = file.file.size();
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private boolean openNewer() throws IOException {
        String newest = files.isEmpty() ? "" : files.lastKey();
        boolean found = false;
        for (String name : disk.list().stream().sorted().toList()) {
            if (JournalFormat.segmentNumber(name) >= 0) {
                found |= name.compareTo(newest) > 0 && open(name);
            } else if (name.contains(SegmentFiles.DAMAGED)) {
                try (File file = disk.open(name, false)) {
                    setAside.put(name, file.size());
                }
            }
        }
        if (found && !newest.isEmpty()) {
            open(newest); // it may have got another file with more in it before it was sealed
        }
        return found;
    }

    private boolean open(String name) throws IOException {
        try {
            FrozenFile before = files.put(name, new FrozenFile(disk.open(name, false)));
            if (before != null) {
                before.file.close();
            }
            return true;
        } catch (IOException e) {
            if (disk.exists(name)) {
                throw e;
            }
            return false; // nothing in it was needed any more
        }
    }

    /** The files of segments that were set aside earlier, with their sizes in bytes. */
    Map<String, Long> setAside() {
        return setAside;
    }

    /** The names of the segments' files, whatever became of them in this view. */
    List<String> segmentNames() {
        return List.copyOf(files.keySet());
    }

    /** Bytes of all segments. */
    long bytes() {
        return files.values().stream().mapToLong(file -> file.size).sum();
    }

    @Override
    public List<String> list() {
        List<String> names = new ArrayList<>(files.keySet());
        names.addAll(setAside.keySet());
        return names;
    }

    @Override
    public FrozenFile open(String name, boolean create) throws IOException {
        FrozenFile file = files.get(name);
        if (file == null) {
            throw new IOException("there is no segment " + name);
        }
        return file;
    }

    @Override
    public boolean exists(String name) {
        return files.containsKey(name);
    }

    @Override
    public void delete(String name) {
        // Forgotten.
    }

    @Override
    public void rename(String from, String to) {
        // Forgotten.
    }

    @Override
    public void forceDirectory() {
        // Nothing was changed.
    }

    @Override
    public void close() throws IOException {
        for (FrozenFile file : files.values()) {
            file.file.close();
        }
        disk.close();
    }

    /** A file of which only what was there at that moment is seen. Stays open until the whole view is closed. */
    static final class FrozenFile implements File {

        private final File file;
        private long size;

        private FrozenFile(File file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            int wanted = Math.clamp(size - offset, 0, into.remaining());
            int limit = into.limit();
            try {
                into.limit(into.position() + wanted);
                return file.read(into, offset);
            } finally {
                into.limit(limit);
            }
        }

        @Override
        public void write(ByteBuffer bytes, long offset) {
            bytes.position(bytes.limit());
        }

        @Override
        public void force() {
            // Nothing was changed.
        }

        @Override
        public void truncate(long bytes) {
            // Forgotten: who cuts something off does not read it again.
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void close() {
            // With all the others.
        }
    }
}
