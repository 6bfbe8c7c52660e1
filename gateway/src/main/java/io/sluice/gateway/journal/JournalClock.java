// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.function.LongSupplier;

/**
 * The journal's clock, on which everything ages: monotonic, and it goes on where the last start left it. The time in which the gateway
 * was off is added only where it is known: by the machine's uptime if that has not been started anew, else by the wall clock, if
 * that was right then and is right now. Otherwise it counts as zero, so that nothing expires that should not. A step of the wall clock
 * changes nothing while the process runs. Usable from any thread.
 *
 * <p>It looks like milliseconds since 1970, and is that as long as it was never off for a time that is not known.
 */
public final class JournalClock {

    private static final long LOOK_EVERY_MILLIS = 60_000;

    private final MachineTime machine;
    private final LongSupplier nanos;
    private final String bootId;
    private final long startMillis;
    private final long startNanos;
    /** Whether the time in which it was off is in this clock, so that what was known of the wall clock before still holds. */
    private boolean goesOn = true;

    // Of the broker thread alone.
    private boolean trustNoted;
    private long lookAgainAt;

    private final TimeNote noted;

    /**
     * @param lastMillis the latest time that the journal has seen
     * @param noted the latest note in the journal, or {@link TimeNote#NONE}
     * @param machine the machine's clocks
     * @param nanos a monotonic clock in nanoseconds
     */
    JournalClock(long lastMillis, TimeNote noted, MachineTime machine, LongSupplier nanos) {
        this.machine = machine;
        this.nanos = nanos;
        this.noted = noted;
        this.bootId = machine.bootId();
        this.startMillis = Math.max(lastMillis, start(lastMillis));
        this.startNanos = nanos.getAsLong();
    }

    private long start(long lastMillis) {
        if (!bootId.isEmpty() && bootId.equals(noted.bootId()) && machine.uptimeMillis() >= noted.uptime()) {
            return noted.journal() + machine.uptimeMillis() - noted.uptime();
        }
        long wall = machine.wallMillis();
        if (lastMillis == 0) {
            return wall; // nothing is there that could age
        }
        if (machine.isSynchronised() && wall >= noted.trustedWall()) {
            if (noted.isTrusted()) {
                return noted.trustedJournal() + wall - noted.trustedWall();
            }
            if (noted.equals(TimeNote.NONE)) {
                return wall; // before there were notes it was the wall clock
            }
        }
        goesOn = false;
        return lastMillis;
    }

    /** Milliseconds. */
    public long now() {
        return startMillis + (nanos.getAsLong() - startNanos) / 1_000_000;
    }

    /** Whether the wall clock was not known to be right when it was last noted, and is now. */
    boolean hasBecomeTrusted() {
        return !trustNoted && now() >= lookAgainAt && look();
    }

    private boolean look() {
        lookAgainAt = now() + LOOK_EVERY_MILLIS;
        return machine.isSynchronised() && machine.wallMillis() >= noted.trustedWall();
    }

    /** How this clock stands to the machine's at the moment. */
    TimeNote note() {
        long journal = now();
        long wall = machine.wallMillis();
        if (machine.isSynchronised() && wall >= noted.trustedWall()) {
            trustNoted = true;
            return new TimeNote(journal, bootId, machine.uptimeMillis(), journal, wall);
        }
        return new TimeNote(
                journal,
                bootId,
                machine.uptimeMillis(),
                goesOn ? noted.trustedJournal() : 0,
                noted.trustedWall());
    }
}
