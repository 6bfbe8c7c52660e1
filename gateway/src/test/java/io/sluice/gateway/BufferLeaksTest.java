// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** Whether a buffer that is lost is found: otherwise all other tests would be silent about them. */
final class BufferLeaksTest {

    private static final int COLLECTIONS_MAX = 100;

    private final BufferLeaks leaks = new BufferLeaks();

    @Test
    void buffer_thatNobodyReleases_isFound() {
        lose();

        String leak = null;
        for (int i = 0; i < COLLECTIONS_MAX && leak == null; i++) {
            System.gc();
            leak = leaks.find();
        }
        assertThat(leak).contains(BufferLeaksTest.class.getSimpleName() + ".lose");
    }

    private static void lose() {
        new PooledByteBufAllocator(true, 0, 1, 8_192, 0, 0, 0, false).directBuffer(64);
    }
}
