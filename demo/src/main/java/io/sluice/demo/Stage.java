// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * The temporary folder and everything that was started, so that nothing is left behind, however the demo ends. The main thread uses it,
 * and the shutdown hook closes it.
 */
final class Stage implements AutoCloseable {

    private final Path dir;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;
    private volatile boolean interrupted;

    Stage() throws IOException {
        dir = Files.createTempDirectory("sluice-demo-");
    }

    Path dir() {
        return dir;
    }

    /** Writes the configuration and makes the directory for the data. */
    void prepare(Product.Setup setup) throws IOException {
        Files.writeString(setup.file(), setup.text());
        Files.createDirectories(setup.dataDir());
    }

    /** Starts a process that ends with the demo. */
    synchronized Child start(String name, List<String> command) throws IOException {
        if (closed) {
            throw new DemoFailure("the demo is ending", "");
        }
        return own(Child.start(name, command, dir));
    }

    /** Takes what is to be closed with the demo, the last one first. */
    synchronized <T extends AutoCloseable> T own(T resource) {
        started.push(resource);
        return resource;
    }

    /** A port that was free a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Closes everything because the person wants the demo to end, or because it has ended. */
    void interrupt() {
        interrupted = true;
        close();
    }

    boolean isInterrupted() {
        return interrupted;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                System.err.println("cleaning up: " + e);
            }
        }
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("cleaning up " + dir + ": " + e);
        }
    }
}
