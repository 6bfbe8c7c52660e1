// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.sluice.gateway.journal.FaultDisk;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.JournalLimits;
import io.sluice.gateway.journal.MachineTime;
import io.sluice.gateway.journal.SyncDelays;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A real journal on a disk in memory, whose broker thread is the test's. */
public final class JournalInMemory implements AutoCloseable {

    private final FaultDisk disk;
    private final ManualExecutor executor = new ManualExecutor();
    private final Loop loop = new Loop(executor);
    private final Queue<Throwable> bugs = new ConcurrentLinkedQueue<>();
    private final Journal journal;

    public JournalInMemory() {
        this(new FaultDisk());
    }

    /** With what is on the disk already. */
    public JournalInMemory(FaultDisk disk) {
        this(disk, SyncDelays.NONE);
    }

    /** With what is on the disk already. */
    public JournalInMemory(FaultDisk disk, SyncDelays delays) {
        this.disk = disk;
        executor.run();
        try {
            journal = Journal.open(
                    disk,
                    loop,
                    MachineTime.of(() -> Instant.EPOCH),
                    new JournalLimits(Long.MAX_VALUE / 2, JournalLimits.WhenFull.DROP_OLDEST),
                    new Budget("journal", Long.MAX_VALUE),
                    delays,
                    bugs::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        journal.start();
        executor.run();
    }

    public FaultDisk disk() {
        return disk;
    }

    public ManualExecutor executor() {
        return executor;
    }

    public Loop loop() {
        return loop;
    }

    public Journal journal() {
        return journal;
    }

    /** Waits until everything up to here is forced. */
    public void force() {
        long batch = journal.completed(Long.MAX_VALUE, 1);
        journal.hurry();
        executor.runUntil(() -> journal.isForced(batch));
        executor.run();
    }

    @Override
    public void close() {
        try {
            journal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!bugs.isEmpty()) {
            throw new AssertionError(bugs.peek());
        }
    }
}
