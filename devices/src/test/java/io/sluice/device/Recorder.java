// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Takes readings and state changes and lets a test wait for them. */
final class Recorder implements ReadingSink, DeviceListener {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BlockingQueue<Reading> readings = new LinkedBlockingQueue<>();
    private final BlockingQueue<DeviceStatus> changes = new LinkedBlockingQueue<>();

    @Override
    public void accept(Reading reading) {
        readings.add(reading);
    }

    @Override
    public void changed(DeviceStatus status) {
        changes.add(status);
    }

    /** The next reading's texts. */
    List<String> next() throws InterruptedException {
        return nextReading().values().stream().map(Reading.Value::text).toList();
    }

    Reading nextReading() throws InterruptedException {
        Reading reading = readings.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (reading == null) {
            throw new AssertionError("no reading within " + PATIENCE + "; state changes: " + changes);
        }
        return reading;
    }

    boolean hasNoMore() {
        return readings.isEmpty();
    }

    /** Drops changes up to the next into this state, and gives that. */
    DeviceStatus awaitChange(DeviceStatus.State state) throws InterruptedException {
        while (true) {
            DeviceStatus change = changes.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (change == null) {
                throw new AssertionError("no change to " + state + " within " + PATIENCE);
            }
            if (change.state() == state) {
                return change;
            }
        }
    }

    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
