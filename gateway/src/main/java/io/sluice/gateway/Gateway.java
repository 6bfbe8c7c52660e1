// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.sluice.config.Settings;
import io.sluice.gateway.journal.Disk;
import io.sluice.gateway.journal.MachineTime;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The running gateway: its start and its stop. Not for the broker thread, which both wait for. */
public final class Gateway implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Gateway.class.getName());

    /** How long the stop waits for bridges and for the journal; what is acknowledged is safe before that. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(8);

    private final Wiring wiring;

    private Gateway(Wiring wiring) {
        this.wiring = wiring;
    }

    /**
     * Starts everything, in the order in which one thing needs another; returns when clients may connect.
     *
     * @param disk the journal's directory, which the gateway closes
     * @param machine the machine's clocks
     * @param onBug told of a bug on the broker thread or the journal's; to end the process
     * @throws IOException if the journal or a port cannot be opened; nothing is left running
     */
    public static Gateway start(Settings settings, Disk disk, MachineTime machine, Consumer<Throwable> onBug)
            throws IOException {
        Wiring wiring = new Wiring(settings, disk, machine, onBug);
        Gateway gateway = new Gateway(wiring);
        try {
            wiring.openJournal();
            wiring.onLoop(wiring::wireBroker);
            wiring.onLoop(wiring::startBridges);
            wiring.openListeners();
            wiring.startDevices();
        } catch (IOException | RuntimeException e) {
            gateway.close();
            throw e;
        }
        return gateway;
    }

    /** The addresses that are listened on, by the listeners' names. */
    public Map<String, InetSocketAddress> addresses() {
        return wiring.addresses();
    }

    /** Runs the task on the broker thread, when that comes round to it. From any thread. */
    public void execute(Runnable task) {
        wiring.execute(task);
    }

    /** Stops in the opposite order: nothing comes in any more, then what is there is made safe. Within seconds. */
    @Override
    public void close() {
        wiring.closeDevices();
        wiring.closeListeners();
        CountDownLatch safe = new CountDownLatch(1);
        wiring.stopBroker(safe::countDown);
        try {
            if (!safe.await(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "the journal could not be forced within {0}", STOP_WITHIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wiring.closeJournal();
    }
}
