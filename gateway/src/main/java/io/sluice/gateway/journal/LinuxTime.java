// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The time as Linux knows it. Whether the clock is synchronised is told by the file that systemd-timesyncd makes when it has set it;
 * where another program sets the clock there is no such sign, and it is not relied on.
 */
public final class LinuxTime implements MachineTime {

    /** No clock that is right says less: this program was not there before. */
    private static final long NOT_BEFORE = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private final Path root;

    /** @param root what the paths of the system begin with; {@code /} but in tests */
    public LinuxTime(Path root) {
        this.root = root;
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public boolean isSynchronised() {
        return wallMillis() >= NOT_BEFORE && Files.exists(root.resolve("run/systemd/timesync/synchronized"));
    }

    @Override
    public String bootId() {
        return read("proc/sys/kernel/random/boot_id");
    }

    @Override
    public long uptimeMillis() {
        String seconds = read("proc/uptime").split(" ", 2)[0];
        try {
            return seconds.isEmpty() ? 0 : Math.round(Double.parseDouble(seconds) * 1_000);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private String read(String file) {
        try {
            return Files.readString(root.resolve(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
