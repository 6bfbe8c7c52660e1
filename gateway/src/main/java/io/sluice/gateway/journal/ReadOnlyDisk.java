// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A directory of which nothing is changed, not even a lock is taken: a gateway may be writing there. */
final class ReadOnlyDisk implements Disk {

    private final Path directory;

    ReadOnlyDisk(Path directory) {
        this.directory = directory;
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
        if (create) {
            throw refused();
        }
        return new ChannelFile(FileChannel.open(directory.resolve(name), StandardOpenOption.READ));
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(directory.resolve(name));
    }

    @Override
    public void delete(String name) throws IOException {
        throw refused();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        throw refused();
    }

    @Override
    public void forceDirectory() throws IOException {
        throw refused();
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private static IOException refused() {
        return new IOException("the directory is only read");
    }

    private record ChannelFile(FileChannel channel) implements File {

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return FileDisk.read(channel, into, offset);
        }

        @Override
        public void write(ByteBuffer bytes, long offset) throws IOException {
            throw refused();
        }

        @Override
        public void force() throws IOException {
            throw refused();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            throw refused();
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
