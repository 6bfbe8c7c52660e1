// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much is read from a socket at once: little while there is enough that must be written to disk first. A connection is only told to
 * pause when it has been read, and thousands of them may be ready in the same turn. From any thread.
 */
final class Intake {

    private static final int SCARCE_BYTES = 64;

    /** What may be under way from connections' own event loops to the broker thread, in bytes. */
    private static final long HANDED_OVER_MAX = 4 << 20;

    private final AtomicLong handedOver = new AtomicLong();
    private volatile boolean congested;

    /** Tells whether more has come than is safe on disk. */
    void congested(boolean now) {
        congested = now;
    }

    /** Counts what goes to the broker thread; back when it has come there. */
    void handOver(long bytes) {
        handedOver.addAndGet(bytes);
    }

    private boolean isScarce() {
        return congested || handedOver.get() > HANDED_OVER_MAX;
    }

    /** Reads as the given one does, but for bad times. */
    RecvByteBufAllocator sizing(RecvByteBufAllocator usual) {
        return () -> new Handle(usual.newHandle());
    }

    @SuppressWarnings("deprecation") // there is no other interface to ask an allocator by
    private final class Handle extends RecvByteBufAllocator.DelegatingHandle {

        Handle(RecvByteBufAllocator.Handle usual) {
            super(usual);
        }

        @Override
        public int guess() {
            return isScarce() ? SCARCE_BYTES : super.guess();
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return allocator.ioBuffer(guess());
        }

        @Override
        public boolean continueReading() {
            return !isScarce() && super.continueReading();
        }
    }
}
