// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Tells systemd how a service of {@code Type=notify} is doing (sd_notify(3)), through the program {@code systemd-notify} that every
 * machine with systemd has: Java cannot send to the socket itself. Nothing is told, and no thread runs, where systemd does not ask.
 *
 * <p>What is told leaves on a thread of its own, so that no caller ever waits for it.
 */
public final class Systemd implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Systemd.class.getName());
    private static final Duration TELL_WITHIN = Duration.ofSeconds(10);

    /** Signs of life within the time after which systemd takes the service for dead. */
    private static final int SIGNS = 4;

    private final Optional<ScheduledExecutorService> thread;
    private final Optional<Duration> watchdog;
    private final AtomicLong turns = new AtomicLong();
    private long turnsSeen;
    private boolean failed;

    private Systemd(Optional<ScheduledExecutorService> thread, Optional<Duration> watchdog) {
        this.thread = thread;
        this.watchdog = watchdog;
    }

    /** By the variables {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC} and {@code WATCHDOG_PID} that systemd sets. */
    public static Systemd of(Map<String, String> environment) {
        if (environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty()) {
            return new Systemd(Optional.empty(), Optional.empty());
        }
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().name("sluice-service").daemon().unstarted(task));
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return new Systemd(Optional.of(thread), watchdog(environment));
    }

    private static Optional<Duration> watchdog(Map<String, String> environment) {
        String pid = environment.getOrDefault("WATCHDOG_PID", "");
        if (!pid.isEmpty() && !pid.equals(String.valueOf(ProcessHandle.current().pid()))) {
            return Optional.empty();
        }
        try {
            long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
            return micros > 0 ? Optional.of(Duration.of(micros, ChronoUnit.MICROS)) : Optional.empty();
        } catch (NumberFormatException e) {
            LOG.log(Level.WARNING, "WATCHDOG_USEC is no number: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The gateway works; from here on it is watched over.
     *
     * @param status what an operator reads about it, one line
     * @param loop runs a task on the broker thread, whose turns are the signs of life
     */
    public void ready(String status, Consumer<Runnable> loop) {
        tell("--ready", "--status=" + status);
        watchdog.ifPresent(within -> {
            long nanos = within.toNanos() / SIGNS;
            thread.ifPresent(running -> {
                var _ = running.scheduleAtFixedRate(() -> lookAfter(loop), 0, nanos, TimeUnit.NANOSECONDS);
            });
        });
    }

    /** A sign of life for each time in which the broker thread has come round; a slow disk does not keep it from that. */
    private void lookAfter(Consumer<Runnable> loop) {
        long now = turns.get();
        if (now != turnsSeen) {
            turnsSeen = now;
            notify("WATCHDOG=1");
        }
        loop.accept(turns::incrementAndGet);
    }

    /** The gateway begins to stop. */
    public void stopping() {
        tell("STOPPING=1", "--status=stopping: making safe what was acknowledged");
    }

    private void tell(String... what) {
        thread.ifPresent(running -> running.execute(() -> notify(what)));
    }

    private void notify(String... what) {
        String[] command = new String[what.length + 1];
        command[0] = "systemd-notify";
        System.arraycopy(what, 0, command, 1, what.length);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(TELL_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                failed("systemd-notify has not ended after " + TELL_WITHIN);
            } else if (process.exitValue() != 0) {
                failed("systemd-notify ended with status " + process.exitValue());
            }
        } catch (IOException e) {
            failed(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void failed(String why) {
        if (!failed) {
            failed = true;
            LOG.log(Level.WARNING, "systemd cannot be told how the gateway is doing: {0}", why);
        }
    }

    /** Ends the thread when what was to be told is told. */
    @Override
    public void close() {
        thread.ifPresent(running -> {
            running.shutdown();
            try {
                if (!running.awaitTermination(TELL_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    running.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
