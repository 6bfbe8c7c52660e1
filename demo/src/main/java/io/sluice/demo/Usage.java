// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The most memory and disk that the gateway was seen with. Used by the main thread. */
final class Usage {

    private final Path dataDir;
    private long memoryBytes;
    private long diskBytes;

    Usage(Path dataDir) {
        this.dataDir = dataDir;
    }

    /** Looks at the process, if it is there, and at its directory. */
    void sample(long pid) {
        memoryBytes = Math.max(memoryBytes, residentBytes(pid));
        diskBytes = Math.max(diskBytes, bytesOf(dataDir));
    }

    /** Resident memory without what is shared between processes by intent: RssAnon and RssFile. */
    String memory() {
        return mebibytes(memoryBytes);
    }

    String disk() {
        return mebibytes(diskBytes);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024.0));
    }

    private static long residentBytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:") || line.startsWith("RssFile:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException | UncheckedIOException processIsGone) {
            return 0;
        }
    }

    private static long bytesOf(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(Files::isRegularFile).mapToLong(Usage::size).sum();
        } catch (IOException | UncheckedIOException fileCameOrWent) {
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException freed) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
