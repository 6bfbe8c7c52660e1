// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What Paho reads from. It gives nothing, not even the end of the stream, until Paho has begun to send its CONNECT: if Paho's
 * receiver ends before its starter has looked whether it runs, the starter looks for ever, in a thread that never goes away. The
 * first packet passes through {@link Connack}; everything else passes as it is, through a buffer, because Paho reads headers byte
 * by byte.
 *
 * <p>Read on Paho's receiver thread; opened on any.
 */
final class Gate extends InputStream {

    private static final int CONNACK_BYTES_MAX = 256 * 1024;

    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicReference<Optional<Connack>> connack = new AtomicReference<>(Optional.empty());
    private final InputStream in;
    private byte[] head = new byte[0];
    private int headAt;
    private boolean begun;

    Gate(InputStream in) {
        this.in = in;
    }

    void open() {
        open.countDown();
    }

    /** Upstream's CONNACK, once it has been read. From any thread. */
    Optional<Connack> connack() {
        return connack.get();
    }

    @Override
    public int read() throws IOException {
        begin();
        return headAt < head.length ? head[headAt++] & 0xFF : in.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        begin();
        if (headAt == head.length) {
            return in.read(target, offset, length);
        }
        int taken = Math.min(length, head.length - headAt);
        System.arraycopy(head, headAt, target, offset, taken);
        headAt += taken;
        return taken;
    }

    @Override
    public int available() throws IOException {
        return begun ? head.length - headAt + in.available() : 0;
    }

    private void begin() throws IOException {
        if (begun) {
            return;
        }
        try {
            open.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for CONNECT to be sent");
        }
        begun = true;
        readFirstPacket();
    }

    private void readFirstPacket() throws IOException {
        byte[] header = new byte[5];
        int length = 0;
        int remaining = 0;
        do {
            int next = in.read();
            if (next < 0) {
                head = Arrays.copyOf(header, length);
                return;
            }
            header[length] = (byte) next;
            if (length > 0) {
                remaining |= (next & 0x7F) << (7 * (length - 1));
            }
            length++;
        } while (length < 2 || (length < 5 && (header[length - 1] & 0x80) != 0));
        head = Arrays.copyOf(header, length);
        if (!Connack.begins(header[0] & 0xFF) || remaining > CONNACK_BYTES_MAX) {
            return;
        }
        byte[] body = in.readNBytes(remaining);
        connack.set(Optional.of(Connack.read(body)));
        head = Arrays.copyOf(head, length + body.length);
        System.arraycopy(body, 0, head, length, body.length);
    }
}
