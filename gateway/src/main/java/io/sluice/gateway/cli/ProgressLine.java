// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How far a long reading has come, on one line of the terminal that is written over and taken away at the end. Shown only where
 * standard error is a terminal and the answer does not go to one, and not before a second has passed.
 */
final class ProgressLine implements JournalImage.Progress, AutoCloseable {

    private static final long EVERY_NANOS = 250_000_000;
    private static final long FIRST_NANOS = 1_000_000_000;
    private static final int CELLS = 30;

    private final PrintWriter err;
    private final boolean wanted;
    private final long start = System.nanoTime();
    private long due = FIRST_NANOS;
    private int width;

    ProgressLine(PrintWriter err, boolean wanted) {
        this.err = err;
        this.wanted = wanted;
    }

    static ProgressLine on(PrintWriter err) {
        return new ProgressLine(err, isTerminal(2));
    }

    /** Whether a file descriptor of this process is a terminal. Java itself tells it only of input and output together. */
    static boolean isTerminal(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd", String.valueOf(descriptor)))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException noSuchSystem) {
            return false;
        }
    }

    @Override
    public void at(long bytes, long bytesAll) {
        if (wanted) {
            at(bytes, bytesAll, System.nanoTime() - start);
        }
    }

    /** @param nanos since the beginning */
    void at(long bytes, long bytesAll, long nanos) {
        if (nanos >= due && bytesAll > 0) {
            due = nanos + EVERY_NANOS;
            show(line(bytes, bytesAll, nanos));
        }
    }

    static String line(long bytes, long bytesAll, long nanos) {
        double done = Math.clamp((double) bytes / bytesAll, 0, 1);
        int full = (int) (done * CELLS);
        long left = done > 0 ? Math.round(nanos / 1e9 * (1 - done) / done) : 0;
        return "[%s%s] %3d %% of %,d MiB, %d:%02d left"
                .formatted(
                        "#".repeat(full),
                        ".".repeat(CELLS - full),
                        (int) (100 * done),
                        bytesAll >> 20,
                        left / 60,
                        left % 60);
    }

    private void show(String line) {
        err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
        err.flush();
        width = line.length();
    }

    /** Takes the line away, so that other text can be written. */
    void clear() {
        if (width > 0) {
            err.print("\r" + " ".repeat(width) + "\r");
            err.flush();
            width = 0;
        }
    }

    @Override
    public void close() {
        clear();
    }
}
