// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The journal's directory: everything it does to files. {@link FileDisk} is the real one; tests have one that takes away what was
 * not forced. Files are used by one thread at a time; reading and writing may go on side by side.
 */
public interface Disk extends AutoCloseable {

    /** The names of the files in the directory. */
    List<String> list() throws IOException;

    /** Opens a file for reading, and for writing too if {@code create} or it exists already. */
    File open(String name, boolean create) throws IOException;

    void delete(String name) throws IOException;

    /** Whether a file of that name is there. */
    boolean exists(String name);

    /** Gives a file another name, replacing what has it. */
    void rename(String from, String to) throws IOException;

    /** Makes created, renamed and deleted names durable. */
    void forceDirectory() throws IOException;

    @Override
    void close() throws IOException;

    /** An open file. */
    interface File extends AutoCloseable {

        /**
         * Writes all remaining bytes at the offset.
         *
         * @throws DiskFull if there is no room for them
         */
        void write(ByteBuffer bytes, long offset) throws IOException;

        /**
         * Reads into the buffer from the offset.
         *
         * @return the bytes read; fewer than asked for only at the end of the file
         */
        int read(ByteBuffer into, long offset) throws IOException;

        /** Makes what was written durable (fdatasync). */
        void force() throws IOException;

        void truncate(long bytes) throws IOException;

        long size() throws IOException;

        @Override
        void close() throws IOException;
    }
}
