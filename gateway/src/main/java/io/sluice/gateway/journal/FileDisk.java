// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory of the file system, held by a lock file while open, so that two gateways never write one journal. */
public final class FileDisk implements Disk {

    static final String LOCK = "lock";

    /** A disk with less than this is taken for full when a write fails. */
    private static final long FULL_BYTES = 64 << 10;

    private final Path directory;
    private final FileChannel lockChannel;

    private FileDisk(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
    }

    /**
     * Opens the directory, creating it where needed.
     *
     * @throws IOException if it cannot be used, or another process holds it
     */
    public static FileDisk open(Path directory) throws IOException {
        Files.createDirectories(directory);
        FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock(channel) == null) {
            channel.close();
            throw new IOException("the journal in " + directory + " is held by another running gateway");
        }
        return new FileDisk(directory, channel);
    }

    /** Reads until the buffer is full or the file ends; the bytes read. */
    static int read(FileChannel channel, ByteBuffer into, long offset) throws IOException {
        int total = 0;
        while (into.hasRemaining()) {
            int count = channel.read(into, offset + total);
            if (count < 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    @Override
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                names.add(String.valueOf(file.getFileName()));
            }
        }
        return names;
    }

    @Override
    public File open(String name, boolean create) throws IOException {
        FileChannel channel = create
                ? FileChannel.open(
                        directory.resolve(name),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)
                : FileChannel.open(directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new ChannelFile(channel, directory);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(directory.resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void forceDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    private record ChannelFile(FileChannel channel, Path directory) implements File {

        @Override
        public void write(ByteBuffer bytes, long offset) throws IOException {
            long at = offset;
            try {
                while (bytes.hasRemaining()) {
                    at += channel.write(bytes, at);
                }
            } catch (IOException e) {
                throw isFull(bytes.remaining()) ? new DiskFull("no space left on " + directory, e) : e;
            }
        }

        /** Java has no error number to tell by; blocks of the file system and the reserve of root make it inexact. */
        private boolean isFull(long wantedBytes) throws IOException {
            return Files.getFileStore(directory).getUsableSpace() < wantedBytes + FULL_BYTES;
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return FileDisk.read(channel, into, offset);
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long bytes) throws IOException {
            channel.truncate(bytes);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
