// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A real Mosquitto on a free loopback port, which keeps its port when it is killed and started again. Its process ends by itself
 * after {@link #LIFETIME}, whatever becomes of the test.
 */
public final class Mosquitto implements AutoCloseable {

    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final Duration START_MAX = Duration.ofSeconds(10);

    private final Path dir;
    private final int port;
    private Process process;

    private Mosquitto(Path dir, int port) {
        this.dir = dir;
        this.port = port;
    }

    /** A broker that lets everybody in on plain TCP, with these further lines of configuration. */
    public static Mosquitto start(String... lines) {
        int port = freePort();
        List<String> all = new ArrayList<>(List.of("listener " + port + " 127.0.0.1", "allow_anonymous true"));
        all.addAll(List.of(lines));
        return startConfigured(port, all);
    }

    /** A broker whose listener is described by these lines; {@code PORT} in them stands for the port. */
    public static Mosquitto startWith(String... lines) {
        int port = freePort();
        return startConfigured(
                port,
                Stream.of(lines)
                        .map(line -> line.replace("PORT", String.valueOf(port)))
                        .toList());
    }

    private static Mosquitto startConfigured(int port, List<String> lines) {
        try {
            Path dir = Files.createTempDirectory("mosquitto");
            List<String> all = new ArrayList<>(lines);
            all.replaceAll(line -> line.replace("DIR", dir.toString()));
            all.add("user root"); // Stays who started it, who owns the files.
            all.add("log_dest file " + dir.resolve("log"));
            if (lines.stream().noneMatch(line -> line.startsWith("log_type"))) {
                all.addAll(List.of("log_type error", "log_type warning", "log_type notice"));
            }
            all.add("connection_messages true");
            if (lines.stream().noneMatch(line -> line.startsWith("max_queued_messages"))) {
                all.add("max_queued_messages 0");
            }
            Files.write(dir.resolve("conf"), all);
            Mosquitto mosquitto = new Mosquitto(dir, port);
            mosquitto.restart();
            return mosquitto;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /**
     * A broker for a subscriber that counts what arrives while the broker is killed. Its log is short; it hands on every message at once,
     * before it acknowledges it, so that nothing acknowledged waits in its memory; and after a SIGKILL it knows the sessions and
     * subscriptions, but no message, that were there at the last {@link #save}.
     */
    public static Mosquitto startForCounting() {
        return start(
                "log_type error",
                "log_type warning",
                "log_type notice",
                "log_type subscribe",
                "max_inflight_messages 65535",
                "persistence true",
                "autosave_interval 0",
                "persistence_location DIR/");
    }

    /** Writes sessions and subscriptions to disk; returns when they are there. */
    public void save() {
        signal("USR1");
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (!Files.exists(dir.resolve("mosquitto.db"))) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("mosquitto does not save: " + log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** What it has logged: each packet only if it was started with {@code log_type all}, which makes it slow. */
    public String log() {
        try {
            return Files.readString(dir.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has logged a line with this in it. */
    public void awaitLogged(String text) {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (!log().contains(text)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("mosquitto has not logged: " + text + "\n" + log());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Starts it after {@link #kill} or {@link #stop}; returns when it accepts connections. */
    public void restart() {
        try {
            process = new ProcessBuilder(
                            "timeout",
                            "--foreground",
                            "--signal=KILL",
                            String.valueOf(LIFETIME.toSeconds()),
                            "mosquitto",
                            "-c",
                            dir.resolve("conf").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(dir.resolve("out").toFile())
                    .start();
            awaitListening();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (System.nanoTime() < deadline) {
            if (!process.isAlive()) {
                throw new IllegalStateException("mosquitto ended: " + Files.readString(dir.resolve("out")));
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
        throw new IllegalStateException("mosquitto does not listen on " + port);
    }

    /** Ends it with SIGKILL. */
    public void kill() {
        signal("KILL");
        awaitEnd();
    }

    /** Ends it with SIGTERM, in good order. */
    public void stop() {
        signal("TERM");
        awaitEnd();
    }

    /** Stops it in its tracks: its sockets stay open and silent. */
    public void freeze() {
        signal("STOP");
    }

    /** Lets it go on after {@link #freeze}. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        process.descendants().forEach(child -> run("kill", "-" + name, String.valueOf(child.pid())));
    }

    private static void run(String... command) {
        try {
            Process started = new ProcessBuilder(command).start();
            if (!started.waitFor(5, TimeUnit.SECONDS)) {
                started.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("mosquitto does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
