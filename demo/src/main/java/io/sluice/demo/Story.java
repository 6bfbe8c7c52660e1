// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;

/** What happens, second by second. Lives on the main thread. */
final class Story {

    private static final int CUT_AT = 10;
    private static final int KILL_AT = 18;
    private static final int START_AT = 21;
    private static final int RESTORE_AT = 30;
    private static final int PAUSE_AT = 42;

    /** Draining ends when nothing has arrived for so many seconds. */
    private static final int SILENCE_MAX_SECONDS = 12;

    private static final int LINES_SILENCE_MAX_SECONDS = 3;
    private static final Duration FIRST_ARRIVAL_LIMIT = Duration.ofSeconds(20);
    /** So many messages are no backlog, but just on their way. */
    private static final int UNDER_WAY = 100;

    private static final int DRAIN_MAX_SECONDS = 600;

    private final Screen screen;
    private final Cast cast;
    private final Cut uplink;
    private final Gateway gateway;
    private long begin;
    private int second;
    private OptionalInt drainedAt = OptionalInt.empty();

    Story(Screen screen, Cast cast, Cut uplink, Gateway gateway) {
        this.screen = screen;
        this.cast = cast;
        this.uplink = uplink;
        this.gateway = gateway;
    }

    /**
     * Waits until a first message has crossed, so that the story begins with everything in order.
     *
     * @throws DemoFailure if none does
     */
    void awaitFirstArrival() throws InterruptedException {
        long deadline = System.nanoTime() + FIRST_ARRIVAL_LIMIT.toNanos();
        while (cast.acknowledged.balance().arrived() == 0) {
            gateway.look();
            if (System.nanoTime() > deadline) {
                throw gateway.failure("nothing arrives at the cloud, though the uplink is up");
            }
            Thread.sleep(50);
        }
    }

    /** The outage, the kill, the recovery, and waiting until everything has arrived or nothing comes any more. */
    void play() throws IOException, InterruptedException {
        screen.title("What happens");
        begin = System.nanoTime();
        while (second < PAUSE_AT) {
            tick();
            act();
        }
        int silence = 0;
        int arrivedBefore = -1;
        while (!everythingArrived() && silence < patience() && second < PAUSE_AT + DRAIN_MAX_SECONDS) {
            tick();
            int arrived =
                    cast.acknowledged.balance().arrived() + cast.lines.balance().arrived();
            silence = arrived == arrivedBefore ? silence + 1 : 0;
            arrivedBefore = arrived;
        }
        tick();
    }

    /** How long the backlog took, once the uplink was back. */
    String drained() {
        return drainedAt.isPresent() ? (drainedAt.getAsInt() - RESTORE_AT) + " s" : "never";
    }

    /** Goes on until the process is ended. */
    void keep() throws InterruptedException {
        while (true) {
            tick();
        }
    }

    private void act() throws IOException, InterruptedException {
        switch (second) {
            case CUT_AT -> {
                uplink.cut();
                screen.event("The uplink is cut.");
            }
            case KILL_AT -> {
                gateway.kill();
                screen.event("The gateway is killed with SIGKILL, in the middle of the outage.");
            }
            case START_AT -> {
                gateway.start();
                screen.event("The gateway is started again. The uplink is still down.");
            }
            case RESTORE_AT -> {
                uplink.restore();
                screen.event("The uplink is back.");
            }
            case PAUSE_AT -> {
                cast.pause();
                screen.event("The sensors stop. What is still on its way may arrive.");
            }
            default -> {
                // Nothing happens in most seconds.
            }
        }
    }

    /** Seconds of silence after which what is missing is not coming: a lost line is no reason to wait long. */
    private int patience() {
        boolean linesOnly = cast.openCount() == 0 && cast.acknowledged.balance().missing() == 0;
        return linesOnly ? LINES_SILENCE_MAX_SECONDS : SILENCE_MAX_SECONDS;
    }

    private boolean everythingArrived() {
        return cast.openCount() == 0
                && cast.acknowledged.balance().missing() == 0
                && cast.lines.balance().missing() == 0;
    }

    private void tick() throws InterruptedException {
        second++;
        long rest = begin + second * 1_000_000_000L - System.nanoTime();
        if (rest > 0) {
            Thread.sleep(rest / 1_000_000, (int) (rest % 1_000_000));
        }
        Gateway.State state = gateway.look();
        Ledger.Balance sensors = cast.acknowledged.balance();
        Ledger.Balance lines = cast.lines.balance();
        if (second > RESTORE_AT && sensors.missing() < UNDER_WAY && drainedAt.isEmpty()) {
            drainedAt = OptionalInt.of(second);
        }
        String counts = String.format(
                Locale.ROOT,
                "%4d s   in %,7d   forwarded %,7d   buffered %,6d   uplink ",
                second,
                sensors.promised() + lines.promised(),
                sensors.arrived() + lines.arrived(),
                sensors.missing() + lines.missing());
        screen.status(
                counts + (uplink.isUp() ? screen.good("up  ") : screen.bad("down")) + "   gateway " + show(state));
    }

    private String show(Gateway.State state) {
        return switch (state) {
            case UP -> screen.good("up");
            case STARTING -> "starting";
            case KILLED -> screen.bad("killed");
        };
    }
}
