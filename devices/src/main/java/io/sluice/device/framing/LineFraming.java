// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.framing;

import java.util.Arrays;

/**
 * Finds lines in bytes that come in pieces. A line is ended by LF, CR LF or CR and is given without its end; an empty one is left
 * out, which is why CR LF needs no more than that both end a line. A line longer than allowed is counted once and skipped to its
 * end. What was received of a line when the link broke is dropped and counted, never put before what comes next.
 *
 * <p>Holds at most the longest allowed line. Belongs to the device's thread.
 */
public final class LineFraming {

    private static final byte CR = '\r';
    private static final byte LF = '\n';
    private static final int FIRST_BYTES = 256;

    private final int bytesMax;
    private byte[] held;
    private int heldBytes;
    private boolean skipping;
    private long overlong;
    private long cut;

    /** Takes the lines. */
    public interface Lines {

        /**
         * One line that is not empty; the bytes are good until this returns.
         *
         * @throws InterruptedException if the device is being closed; the rest of the piece is dropped
         */
        void line(byte[] bytes, int offset, int length) throws InterruptedException;
    }

    /** @param bytesMax the longest line that is taken, in bytes without its end, at least 1 */
    public LineFraming(int bytesMax) {
        if (bytesMax < 1) {
            throw new IllegalArgumentException("the longest line must have at least 1 byte, not " + bytesMax);
        }
        this.bytesMax = bytesMax;
        this.held = new byte[Math.min(bytesMax, FIRST_BYTES)];
    }

    /** Takes the first {@code count} bytes and gives each line that ends in them. */
    public void take(byte[] bytes, int count, Lines lines) throws InterruptedException {
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (bytes[i] == LF || bytes[i] == CR) {
                int from = start;
                start = i + 1;
                end(bytes, from, i - from, lines);
            }
        }
        hold(bytes, start, count - start);
    }

    /** The link broke: what comes next is the beginning of a line. */
    public void linkBroke() {
        if (heldBytes > 0) {
            cut++;
        }
        heldBytes = 0;
        skipping = false;
    }

    /** How many lines were longer than allowed. */
    public long overlong() {
        return overlong;
    }

    /** How many lines were dropped because the link broke before their end. */
    public long cut() {
        return cut;
    }

    private void end(byte[] bytes, int offset, int length, Lines lines) throws InterruptedException {
        if (heldBytes == 0 && !skipping && length <= bytesMax) {
            if (length > 0) {
                lines.line(bytes, offset, length); // The usual case: a whole line in one piece is not copied.
            }
            return;
        }
        hold(bytes, offset, length);
        int whole = heldBytes;
        heldBytes = 0;
        skipping = false;
        if (whole > 0) {
            lines.line(held, 0, whole);
        }
    }

    private void hold(byte[] bytes, int offset, int length) {
        if (skipping || length == 0) {
            return;
        }
        if (length > bytesMax - heldBytes) {
            skipping = true;
            overlong++;
            heldBytes = 0;
            return;
        }
        int needed = heldBytes + length;
        if (needed > held.length) {
            held = Arrays.copyOf(held, Math.min(bytesMax, Math.max(needed, 2 * held.length)));
        }
        System.arraycopy(bytes, offset, held, heldBytes, length);
        heldBytes = needed;
    }
}
