// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import io.sluice.device.link.ByteLink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * All devices of the gateway, each on a daemon thread of its own, so that one which is dead, slow or talking nonsense never disturbs
 * another. A link that is not there or breaks is opened again for ever, after {@link DeviceSettings#REOPEN_FIRST} at first, doubling
 * to {@link DeviceSettings#REOPEN_LAST}, less a random part.
 *
 * <p>Lines have no acknowledgement: what a device sends while its link is down, while it is being opened, or while the gateway does not
 * read and nothing in between can hold it, is lost, and nobody can count it. What is lost within the gateway is in
 * {@link DeviceStatus.Counts}.
 *
 * <p>Started and closed by one thread; {@link #status} is for any.
 */
public final class Devices implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Devices.class.getName());
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final List<Device> devices;

    /**
     * @param settings names must differ
     * @param sink called on the devices' threads, by several at once
     * @param listener called on the devices' threads, by several at once
     * @param clock gives the readings their time
     */
    public Devices(List<DeviceSettings> settings, ReadingSink sink, DeviceListener listener, InstantSource clock) {
        this(settings, sink, listener, clock, ByteLink::of, DeviceSettings.REOPEN_FIRST, DeviceSettings.REOPEN_LAST);
    }

    Devices(
            List<DeviceSettings> settings,
            ReadingSink sink,
            DeviceListener listener,
            InstantSource clock,
            Function<DeviceSettings.Link, ByteLink> links,
            Duration reopenFirst,
            Duration reopenLast) {
        Set<String> names = new HashSet<>();
        for (DeviceSettings device : settings) {
            if (!names.add(device.name())) {
                throw new IllegalArgumentException("two devices are named " + device.name());
            }
        }
        Random seeds = new Random();
        devices = settings.stream()
                .map(device -> new Device(
                        device,
                        links,
                        sink,
                        listener,
                        clock,
                        new Backoff(reopenFirst, reopenLast, new Random(seeds.nextLong()))))
                .toList();
    }

    /** Begins to open the links; returns at once. To be called once. */
    public void start() {
        devices.forEach(Device::start);
    }

    /** How each device is doing, in the order of the settings. */
    public List<DeviceStatus> status() {
        return devices.stream().map(Device::status).toList();
    }

    /**
     * Ends all threads and closes all links, within seconds; a reading that the sink has not yet taken is given up. A thread that a
     * host name look-up holds is left to end by itself, which is logged.
     */
    @Override
    public void close() {
        devices.forEach(Device::stop);
        long deadline = System.nanoTime() + CLOSE_PATIENCE.toNanos();
        try {
            for (Device device : devices) {
                Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
                if (!device.join(left)) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "device {0} has not ended within {1} s",
                            device.status().device(),
                            CLOSE_PATIENCE.toSeconds());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
