// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import io.sluice.device.DeviceStatus.State;
import io.sluice.device.link.ByteLink;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One device and its thread: opens the link, reads it until it breaks, waits, and does so again until it is told to stop. Whatever
 * goes wrong here stays here. {@link #start}, {@link #stop}, {@link #join} and {@link #status} are for other threads.
 */
final class Device {

    private static final System.Logger LOG = System.getLogger(Device.class.getName());
    private static final int READ_BYTES_MAX = 4_096;
    private static final long STACK_BYTES = 256 * 1_024;

    private final DeviceSettings settings;
    private final Function<DeviceSettings.Link, ByteLink> links;
    private final DeviceListener listener;
    private final InstantSource clock;
    private final Backoff backoff;
    private final Intake intake;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private volatile @Nullable ByteLink link;
    private volatile Condition condition;
    /** It opened and broke again without a byte: until one comes, its coming and going is not news. */
    private boolean fruitless;

    private record Condition(State state, String reason, Instant since) {}

    Device(
            DeviceSettings settings,
            Function<DeviceSettings.Link, ByteLink> links,
            ReadingSink sink,
            DeviceListener listener,
            InstantSource clock,
            Backoff backoff) {
        this.settings = settings;
        this.links = links;
        this.listener = listener;
        this.clock = clock;
        this.backoff = backoff;
        this.intake = new Intake(settings, sink, clock);
        this.condition = new Condition(State.WAITING, "not opened yet", clock.instant());
        this.thread = Thread.ofPlatform()
                .name("device-" + settings.name())
                .daemon()
                .stackSize(STACK_BYTES)
                .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Ends the thread soon; does not wait for that. */
    void stop() {
        stopped.countDown();
        thread.interrupt();
        ByteLink now = link;
        if (now != null) {
            now.close();
        }
    }

    /** Waits for the thread's end; false if it is still there after that time. */
    boolean join(Duration patience) throws InterruptedException {
        return thread.getState() == Thread.State.NEW || thread.join(patience);
    }

    DeviceStatus status() {
        Condition now = condition;
        return new DeviceStatus(settings.name(), now.state(), now.reason(), now.since(), intake.counts());
    }

    private void run() {
        try {
            while (!isStopping()) {
                once();
                if (stopped.await(backoff.nextMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // Only stop() interrupts this thread while it waits.
        } finally {
            if (!isStopping()) {
                condition = new Condition(State.BROKEN, "its thread has ended; see the log", clock.instant());
            }
        }
    }

    /** One opening of the link, to its end. */
    private void once() {
        long before = intake.counts().bytes();
        boolean bug = false;
        String reason;
        try {
            reason = converse();
        } catch (RuntimeException | InterruptedException e) {
            if (isStopping()) {
                return;
            }
            bug = true;
            reason = "restarted after an unexpected " + e;
            intake.bug();
            LOG.log(System.Logger.Level.ERROR, "device " + settings.name() + " is restarted: unexpected exception", e);
        }
        intake.linkBroke();
        if (isStopping()) {
            return;
        }
        boolean heard = intake.counts().bytes() > before;
        if (heard && !bug) {
            backoff.reset();
        }
        boolean opened = condition.state() == State.OPEN;
        become(State.BROKEN, reason);
        fruitless |= opened && !heard;
    }

    /** Opens the link and reads it; returns why it ended. */
    private String converse() throws InterruptedException {
        try (ByteLink opening = links.apply(settings.link())) {
            link = opening;
            if (isStopping()) {
                return "closed"; // stop() may have looked before the link was there to be closed.
            }
            opening.open();
            intake.linkOpened();
            become(State.OPEN, settings.link().place());
            byte[] buffer = new byte[READ_BYTES_MAX];
            while (true) {
                int count = opening.read(buffer);
                heard();
                intake.take(buffer, count);
            }
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } finally {
            link = null;
        }
    }

    private void heard() {
        if (fruitless) {
            fruitless = false;
            LOG.log(System.Logger.Level.INFO, "device {0}: {1}bytes arrive again", settings.name(), words(State.OPEN));
        }
    }

    private void become(State state, String reason) {
        Condition before = condition;
        boolean changes = before.state() != state;
        if (!changes && before.reason().equals(reason)) {
            return;
        }
        condition = new Condition(state, reason, changes ? clock.instant() : before.since());
        LOG.log(level(state, changes), "device {0}: {1}{2}", settings.name(), words(state), reason);
        try {
            listener.changed(status());
        } catch (RuntimeException e) {
            intake.bug();
            LOG.log(System.Logger.Level.ERROR, "device " + settings.name() + ": its listener failed", e);
        }
    }

    private System.Logger.Level level(State state, boolean changes) {
        if (!changes || fruitless) {
            return System.Logger.Level.DEBUG;
        }
        return state == State.BROKEN ? System.Logger.Level.WARNING : System.Logger.Level.INFO;
    }

    private static String words(State state) {
        return switch (state) {
            case WAITING -> "waiting: ";
            case OPEN -> "open: ";
            case BROKEN -> "broken, will be tried again: ";
        };
    }

    private boolean isStopping() {
        return stopped.getCount() == 0;
    }
}
