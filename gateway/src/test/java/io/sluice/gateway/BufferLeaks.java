// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a class of tests when the collector has met a buffer that nobody had released. It may have been lost by a class before it: the
 * text says where it was made. Holds for all classes of tests, as the service of its name says.
 */
public final class BufferLeaks implements AfterAllCallback {

    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true, 0, 1, 8_192, 0, 0, 0, false);

    @Override
    public void afterAll(ExtensionContext context) {
        String leak = find();
        if (leak != null) {
            throw new AssertionError("a buffer was not released: " + leak);
        }
    }

    /** One of the leaks that the detector knows of by now, which it does not mention again; null if there is none. */
    @Nullable
    String find() {
        ByteBuf any = allocator.directBuffer(); // which is when it looks at what the collector has met
        any.release();
        return FOUND.poll();
    }

    /**
     * What Netty makes in the place of its own detector, which would log.
     *
     * @param <T> what may leak
     */
    public static final class Detector<T> extends ResourceLeakDetector<T> {

        /** As Netty calls it. */
        public Detector(Class<?> type, int samplingInterval) {
            super(type, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            FOUND.add(type + records);
        }

        @Override
        protected void reportUntracedLeak(String type) {
            FOUND.add(type);
        }
    }
}
