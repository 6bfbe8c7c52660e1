// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A serial port that can be plugged in and unplugged: a pseudo-terminal held by a socat process, under a path that stays the same.
 * What is written here arrives at whoever opens that path. The process ends with its time limit, with this object or with the JVM,
 * whichever comes first. Needs socat and timeout. For one thread.
 */
final class PseudoTerminal implements AutoCloseable {

    private static final int LIFETIME_SECONDS = 120;
    private static final int END_SECONDS = 10;

    private final Path path;
    private Optional<Process> process = Optional.empty();

    /** A port that is not plugged in yet. */
    public PseudoTerminal(Path path) {
        this.path = path;
    }

    /** The path to open: a symbolic link while it is plugged in, nothing while it is not. */
    public Path path() {
        return path;
    }

    /** Makes the port appear, perhaps with another device file behind the same path; it is there when this returns. */
    public PseudoTerminal plugIn() throws IOException {
        if (process.isPresent()) {
            throw new IllegalStateException(path + " is plugged in already");
        }
        Process socat = new ProcessBuilder(
                        "timeout",
                        "--kill-after=1",
                        Integer.toString(LIFETIME_SECONDS),
                        "socat",
                        "-d",
                        "-d",
                        "STDIO",
                        "pty,raw,echo=0,link=" + path)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        process = Optional.of(socat);
        awaitReady(socat);
        return this;
    }

    private void awaitReady(Process socat) throws IOException {
        BufferedReader log = socat.errorReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            said.append(line).append('\n');
            if (line.contains("starting data transfer loop")) {
                return;
            }
        }
        throw new IOException("socat made no pseudo-terminal at " + path + ":\n" + said);
    }

    /** The device sends these characters, as UTF-8. */
    public PseudoTerminal write(String text) throws IOException {
        return write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The device sends these bytes. */
    public PseudoTerminal write(byte[] bytes) throws IOException {
        Process socat = process.orElseThrow(() -> new IllegalStateException(path + " is not plugged in"));
        OutputStream out = socat.getOutputStream();
        out.write(bytes);
        out.flush();
        return this;
    }

    /** Makes the port disappear, as if the cable was pulled: the process is killed and the path removed. */
    public PseudoTerminal unplug() throws IOException {
        if (process.isPresent()) {
            Process socat = process.get();
            process = Optional.empty();
            socat.descendants().forEach(ProcessHandle::destroyForcibly);
            socat.destroyForcibly();
            try {
                if (!socat.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("socat at " + path + " does not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Files.deleteIfExists(path);
        return this;
    }

    @Override
    public void close() throws IOException {
        unplug();
    }
}
