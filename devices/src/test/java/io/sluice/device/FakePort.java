// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import io.sluice.device.link.ByteLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A port in memory that a test plugs in, writes to and breaks. Each opening reads on from the same queue. */
final class FakePort {

    private sealed interface Event {
        record Bytes(String text) implements Event {}

        record Broken(String reason) implements Event {}

        record Bug(RuntimeException bug) implements Event {}
    }

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile boolean present = true;
    private volatile int attempts;
    private volatile int closings;

    FakePort absent() {
        present = false;
        return this;
    }

    FakePort present() {
        present = true;
        return this;
    }

    FakePort send(String text) {
        events.add(new Event.Bytes(text));
        return this;
    }

    FakePort breaks(String reason) {
        events.add(new Event.Broken(reason));
        return this;
    }

    FakePort throwsBug(RuntimeException bug) {
        events.add(new Event.Bug(bug));
        return this;
    }

    int attempts() {
        return attempts;
    }

    int closings() {
        return closings;
    }

    /** Whether everything that was sent has been read. */
    boolean isDrained() {
        return events.isEmpty();
    }

    ByteLink link() {
        return new ByteLink() {
            @Override
            @SuppressWarnings("NonAtomicVolatileUpdate") // Only the device's thread writes.
            public void open() throws IOException {
                attempts++;
                if (!present) {
                    throw new IOException("not there");
                }
            }

            @Override
            public int read(byte[] buffer) throws IOException {
                try {
                    return switch (events.take()) {
                        case Event.Bytes(String text) -> {
                            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                            System.arraycopy(bytes, 0, buffer, 0, bytes.length);
                            yield bytes.length;
                        }
                        case Event.Broken(String reason) -> throw new IOException(reason);
                        case Event.Bug(RuntimeException bug) -> throw bug;
                    };
                } catch (InterruptedException e) {
                    throw new IOException("closed", e);
                }
            }

            @Override
            @SuppressWarnings(
                    "NonAtomicVolatileUpdate") // Counts roughly: a test asks only whether it is more than none.
            public void close() {
                closings++;
            }
        };
    }
}
