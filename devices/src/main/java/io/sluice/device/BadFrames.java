// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Says in the log that a device sends frames which cannot be used, at most once a minute however many there are. Belongs to the
 * device's thread.
 */
final class BadFrames {

    private static final System.Logger LOG = System.getLogger(BadFrames.class.getName());
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int EXCERPT_BYTES_MAX = 80;

    private final String device;
    private final LongSupplier nanoTime;
    private boolean reported;
    private long reportedAt;
    private long unsaid;

    BadFrames(String device, LongSupplier nanoTime) {
        this.device = device;
        this.nanoTime = nanoTime;
    }

    /** One more, and what is wrong with it; true if that was logged. */
    boolean report(String what) {
        long now = nanoTime.getAsLong();
        if (reported && now - reportedAt < QUIET_NANOS) {
            unsaid++;
            return false;
        }
        String more = unsaid == 0 ? "" : " (and " + unsaid + " more since this was last said)";
        LOG.log(System.Logger.Level.WARNING, "device {0}: {1}{2}", device, what, more);
        reported = true;
        reportedAt = now;
        unsaid = 0;
        return true;
    }

    /** The beginning of a frame, fit for a log line: printable ASCII as it is, all else as \xNN. */
    static String excerpt(byte[] bytes, int offset, int length) {
        int shown = Math.min(length, EXCERPT_BYTES_MAX);
        StringBuilder text = new StringBuilder(shown + 16).append('\'');
        for (int i = offset; i < offset + shown; i++) {
            int octet = Byte.toUnsignedInt(bytes[i]);
            if (octet >= ' ' && octet < 0x7F && octet != '\\') {
                text.append((char) octet);
            } else {
                text.append(String.format("\\x%02X", octet));
            }
        }
        return text.append('\'')
                .append(shown < length ? " and " + (length - shown) + " bytes more" : "")
                .toString();
    }
}
