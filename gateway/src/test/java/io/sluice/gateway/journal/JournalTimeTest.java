// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.memory.Budget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines with and without a clock, and how long the journal believes to have been off. */
final class JournalTimeTest {

    private final FaultDisk disk = new FaultDisk();
    private final Machine machine = new Machine();

    /** A machine that can be told anything about the time; what really passes is what {@link #pass} says. */
    private static final class Machine implements MachineTime {
        private Instant real = TestJournal.START;
        private Instant started = TestJournal.START;
        private Duration wrong = Duration.ZERO;
        private boolean synchronised = true;
        private int boots;

        void pass(Duration time) {
            real = real.plus(time);
        }

        /** Off for a time, then started with a wall clock that is off by another. */
        void reboot(Duration off, Duration wallIsWrongBy, boolean nowSynchronised) {
            pass(off);
            started = real;
            wrong = wallIsWrongBy;
            synchronised = nowSynchronised;
            boots++;
        }

        @Override
        public long wallMillis() {
            return real.plus(wrong).toEpochMilli();
        }

        @Override
        public boolean isSynchronised() {
            return synchronised;
        }

        @Override
        public String bootId() {
            return "boot " + boots;
        }

        @Override
        public long uptimeMillis() {
            return Duration.between(started, real).toMillis();
        }

        long nanos() {
            return Duration.between(TestJournal.START, real).toNanos();
        }
    }

    /** Lets a gateway run for a time, after which its process dies; how far its clock came since the last one's end. */
    private Duration run(Duration time) throws IOException {
        Recovery.Found before = Recovery.recover(disk.copy(), new Budget("journal", Long.MAX_VALUE));
        try (TestJournal test =
                new TestJournal(disk, TestJournal.UNLIMITED, TestJournal.SMALL, machine::nanos, machine)) {
            Duration away = Duration.ofMillis(test.journal.clock().now() - before.lastTime());
            test.append("one", 1);
            test.force();
            machine.pass(time);
            test.executor.advance(Duration.ofSeconds(1));
            test.append("two", 1);
            test.force();
            return away;
        }
    }

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration FIVE_DAYS = Duration.ofDays(5);
    private static final Duration TWENTY_DAYS = Duration.ofDays(20);

    @Test
    void process_startedAgainWithinOneBoot_knowsExactlyWhateverTheWallClockSays() throws IOException {
        run(HOUR);
        machine.pass(Duration.ofMinutes(7));
        machine.wrong = FIVE_DAYS;
        assertThat(run(HOUR)).isEqualTo(Duration.ofMinutes(7));
        machine.pass(Duration.ofMinutes(3));
        machine.wrong = FIVE_DAYS.negated();
        machine.synchronised = false;
        assertThat(run(HOUR)).isEqualTo(Duration.ofMinutes(3));
    }

    @Test
    void off_twentyDaysWithAClockThatIsRight_isCounted() throws IOException {
        run(HOUR);
        machine.reboot(TWENTY_DAYS, Duration.ZERO, true);
        assertThat(run(HOUR)).isEqualTo(TWENTY_DAYS);
    }

    @Test
    void off_twentyDaysAndBootIn1970_countsAsZero() throws IOException {
        run(HOUR);
        machine.reboot(TWENTY_DAYS, Duration.ofDays(-20_000), false);
        assertThat(run(HOUR)).isZero();
    }

    @Test
    void boot_fiveDaysForwardAndNotSynchronised_countsAsZero() throws IOException {
        run(HOUR);
        machine.reboot(Duration.ofMinutes(1), FIVE_DAYS, false);
        assertThat(run(HOUR)).isZero();
    }

    @Test
    void boot_anHourBack_countsAsZeroEvenIfItSaysToBeSynchronised() throws IOException {
        run(HOUR);
        machine.reboot(Duration.ofMinutes(1), HOUR.negated(), true);
        assertThat(run(HOUR)).isZero();
    }

    /** What came in after the unknown time must not be older by it, once the clock is right again. */
    @Test
    void unknownDowntime_isNotCountedLaterAgainstWhatCameAfterIt() throws IOException {
        run(HOUR);
        machine.reboot(TWENTY_DAYS, Duration.ofDays(-20_000), false);
        run(HOUR);
        machine.reboot(Duration.ofMinutes(1), Duration.ZERO, true);
        assertThat(run(HOUR)).isZero(); // not known either
        machine.reboot(FIVE_DAYS, Duration.ZERO, true);
        assertThat(run(HOUR)).isEqualTo(FIVE_DAYS);
    }

    @Test
    void clock_setWhileRunning_isUsedFromThenOn() throws IOException {
        run(HOUR);
        machine.reboot(TWENTY_DAYS, Duration.ofDays(-20_000), false);
        try (TestJournal test =
                new TestJournal(disk, TestJournal.UNLIMITED, TestJournal.SMALL, machine::nanos, machine)) {
            long begun = test.journal.clock().now();
            test.append("before", 1);
            test.force();
            machine.wrong = Duration.ZERO;
            machine.synchronised = true;
            machine.pass(Duration.ofMinutes(10));
            assertThat(test.journal.clock().now() - begun)
                    .isEqualTo(Duration.ofMinutes(10).toMillis());
            test.executor.advance(Duration.ofSeconds(1)); // it sees that
            test.append("after", 1);
            test.force();
        }
        machine.reboot(FIVE_DAYS, Duration.ZERO, true);
        assertThat(run(HOUR)).isEqualTo(FIVE_DAYS);
    }

    @Test
    void note_isFoundWhenTheSegmentsBeforeAreGone() throws IOException {
        try (TestJournal test =
                new TestJournal(disk, TestJournal.UNLIMITED, TestJournal.SMALL, machine::nanos, machine)) {
            while (test.journal.upkeep().bytesTaken() < 60_000) {
                test.append("x".repeat(200), 1);
                test.settle(1, 0, test.log(1).next());
                test.force();
            }
            test.reclaim();
            test.force();
            assertThat(test.journal.upkeep().segments()).isLessThan(5);
        }
        machine.reboot(FIVE_DAYS, Duration.ZERO, true);
        assertThat(run(HOUR)).isEqualTo(FIVE_DAYS);
    }

    @Test
    void linux_isReadAsItIs(@TempDir Path root) throws IOException {
        LinuxTime nothing = new LinuxTime(root);
        assertThat(nothing.bootId()).isEmpty();
        assertThat(nothing.uptimeMillis()).isZero();
        assertThat(nothing.isSynchronised()).isFalse();
        Files.createDirectories(root.resolve("proc/sys/kernel/random"));
        Files.createDirectories(root.resolve("run/systemd/timesync"));
        Files.writeString(root.resolve("proc/sys/kernel/random/boot_id"), "abc\n");
        Files.writeString(root.resolve("proc/uptime"), "12.34 56.78\n");
        Files.createFile(root.resolve("run/systemd/timesync/synchronized"));
        LinuxTime linux = new LinuxTime(root);
        assertThat(linux.bootId()).isEqualTo("abc");
        assertThat(linux.uptimeMillis()).isEqualTo(12_340);
        assertThat(linux.isSynchronised()).isTrue();
    }
}
