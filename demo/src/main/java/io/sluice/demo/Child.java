// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that the demo started, its log, and its end. It is only ever ended through its own handle. Usable from any thread. */
final class Child implements AutoCloseable {

    private static final int TAIL_LINES = 25;

    private final String name;
    private final Path log;
    private final Process process;

    private Child(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts the command in the directory; what it writes is added to NAME.log there.
     *
     * @throws IOException if there is no such program
     */
    static Child start(String name, List<String> command, Path dir) throws IOException {
        Path log = dir.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new Child(name, log, process);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** @throws DemoFailure with the end of the log, if it is not listening in time */
    void awaitPort(int port, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!isListening(port)) {
            assertAlive();
            if (System.nanoTime() > deadline) {
                throw failure(name + " does not listen on port " + port + " after " + limit.toSeconds() + " s");
            }
            Thread.sleep(50);
        }
    }

    /** @throws DemoFailure with the end of the log, if the process has ended */
    void assertAlive() {
        if (!process.isAlive()) {
            throw failure(name + " ended by itself with exit status " + process.exitValue());
        }
    }

    /** What went wrong, with the end of the log. */
    DemoFailure failure(String message) {
        return new DemoFailure(message, tail());
    }

    static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** SIGKILL, and waits until the process is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM, and SIGKILL if that is not enough within five seconds. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private String tail() {
        try {
            List<String> lines = List.of(new String(Files.readAllBytes(log), StandardCharsets.UTF_8).split("\n"));
            return "the end of " + log + ":\n  "
                    + String.join("\n  ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "its log cannot be read: " + e.getMessage();
        }
    }
}
