// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
 * The program as it is shipped, in a process of its own with a folder of its own, which can be killed and started again with the same port
 * and data. It is the runnable jar, or the native executable if the system property {@code sluice.executable} names one. Its process ends
 * by itself after {@link #LIFETIME}, whatever becomes of the test.
 */
public final class GatewayProcess implements AutoCloseable {

    private static final Duration LIFETIME = Duration.ofMinutes(10);
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration END_MAX = Duration.ofSeconds(30);
    private static final int TAIL_LINES = 40;
    private static final List<String> HEAP = List.of("-Xmx256m", "-XX:+UseSerialGC");

    private final Path dir;
    private final int port;
    private final List<String> program;
    private Process process;
    private boolean kept;

    private GatewayProcess(Path dir, int port, List<String> program) {
        this.dir = dir;
        this.port = port;
        this.program = program;
    }

    /**
     * Starts the gateway and returns when it listens.
     *
     * @param yaml the configuration, in which {@code PORT} stands for a free port and {@code DATA} for an empty directory
     */
    public static GatewayProcess start(String yaml) {
        return start(program(HEAP), yaml);
    }

    /**
     * The same with this limit of the heap, such as {@code 40m}, on the JVM and natively. The JVM has all of it resident from the start,
     * and compiles quickly, so that its memory grows by what the gateway does and not by what the JVM does.
     */
    public static GatewayProcess startWithHeap(String bytes, String yaml) {
        String limit = "-Xmx" + bytes;
        List<String> program = new ArrayList<>(program(
                List.of(limit, "-Xms" + bytes, "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")));
        if (!executable().isEmpty()) {
            program.add(limit);
        }
        return start(program, yaml);
    }

    /** The same with these variables in its environment, as NAME=VALUE. */
    public static GatewayProcess startIn(List<String> environment, String yaml) {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(environment);
        command.addAll(program(HEAP));
        return start(command, yaml);
    }

    /**
     * How a short life of the program ended.
     *
     * @param output what it wrote, to both
     */
    public record Ended(int status, String output) {}

    /** Runs the program with these arguments and waits for its end. */
    public static Ended run(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("timeout", "--foreground", "--signal=KILL", String.valueOf(START_MAX.toSeconds())));
        command.addAll(program(HEAP));
        command.addAll(List.of(arguments));
        try {
            Process started = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(started.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The same with another program in its place, which is started with {@code run --config FILE}. */
    static GatewayProcess start(List<String> program, String yaml) {
        try {
            Path dir = Files.createTempDirectory("gateway");
            Files.createDirectory(dir.resolve("data"));
            GatewayProcess gateway = new GatewayProcess(dir, freePort(), program);
            gateway.configure(yaml);
            gateway.restart();
            return gateway;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String executable() {
        return System.getProperty("sluice.executable", "");
    }

    private static List<String> program(List<String> javaOptions) {
        String executable = executable();
        if (!executable.isEmpty()) {
            return List.of(executable);
        }
        Path jar = SourceTree.ofBuild().root().resolve("gateway/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: make build makes it");
        }
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(javaOptions);
        command.addAll(List.of("-jar", jar.toString()));
        return command;
    }

    /** The port that {@code PORT} stands for. */
    public int port() {
        return port;
    }

    /** The directory that {@code DATA} stands for. */
    public Path data() {
        return dir.resolve("data");
    }

    /** What all its lives have logged, one after the other. */
    public String log() {
        try {
            return Files.readString(dir.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its configuration file. */
    public Path config() {
        return dir.resolve("sluice.yaml");
    }

    /** Gives it another configuration, for when it starts again. */
    public void configure(String yaml) {
        try {
            String threaded =
                    RunningGateway.OWN_IO_THREAD ? yaml.replace("port: PORT}", "port: PORT, io-thread: own}") : yaml;
            Files.writeString(
                    config(), threaded.replace("PORT", String.valueOf(port)).replace("DATA", data().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often it has logged a line with this in it. */
    public long logged(String text) {
        return log().lines().filter(line -> line.contains(text)).count();
    }

    /** Waits until it has logged so many lines with this in them. */
    public void awaitLogged(String text, long count) {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (logged(text) < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not logged " + count + " times: " + text + "\n" + tail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** The process itself, for what the system says about it. */
    public long pid() {
        return process.descendants().findFirst().orElseThrow().pid();
    }

    /** Starts it again after {@link #kill} or {@link #terminate}; returns when it listens. */
    public void restart() {
        launch();
        awaitListening();
    }

    /** Starts it again and does not wait. */
    public void launch() {
        List<String> command = new ArrayList<>(
                List.of("timeout", "--foreground", "--signal=KILL", String.valueOf(LIFETIME.toSeconds())));
        command.addAll(program);
        command.addAll(List.of("run", "--config", dir.resolve("sluice.yaml").toString()));
        try {
            process = new ProcessBuilder(command)
                    .directory(dir.toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it accepts connections. */
    public void awaitListening() {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (!isListening()) {
            if (!process.isAlive()) {
                throw new AssertionError("the gateway ended with exit status " + process.exitValue() + ":\n" + tail());
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the gateway does not listen on " + port + ":\n" + tail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Ends it with SIGKILL, in the middle of whatever it does. */
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        awaitEnd();
    }

    /**
     * Ends it with SIGTERM.
     *
     * @return its exit status
     */
    public int terminate() {
        return end("TERM");
    }

    /**
     * Ends it with this signal.
     *
     * @return its exit status
     */
    public int end(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        awaitEnd();
        return process.exitValue();
    }

    /**
     * Leaves its folder where it is at the end, for somebody to look into.
     *
     * @return the folder, with configuration, data and log
     */
    public Path keep() {
        kept = true;
        return dir;
    }

    /** Kills it if it still runs, and removes its folder. */
    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        if (kept) {
            return;
        }
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the gateway does not end:\n" + tail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private String tail() {
        List<String> lines = log().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
