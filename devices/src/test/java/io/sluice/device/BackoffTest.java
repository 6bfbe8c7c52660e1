// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private final Backoff backoff = new Backoff(DeviceSettings.REOPEN_FIRST, DeviceSettings.REOPEN_LAST, new Random(1));

    @Test
    void waits_withoutReset_doubleToTheLastLessUpToHalf() {
        for (long whole : new long[] {200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000}) {
            assertThat(backoff.nextMillis()).isBetween(whole / 2, whole);
        }
    }

    @Test
    void wait_afterReset_isAFirstOne() {
        for (int i = 0; i < 5; i++) {
            backoff.nextMillis();
        }
        backoff.reset();
        assertThat(backoff.nextMillis()).isBetween(100L, 200L);
        assertThat(backoff.nextMillis()).isBetween(200L, 400L);
    }

    @Test
    void waits_ofTwoDevices_differ() {
        Backoff other = new Backoff(DeviceSettings.REOPEN_FIRST, Duration.ofHours(1), new Random(2));
        Backoff one = new Backoff(DeviceSettings.REOPEN_FIRST, Duration.ofHours(1), new Random(1));
        for (int i = 0; i < 12; i++) {
            one.nextMillis();
            other.nextMillis();
        }
        assertThat(one.nextMillis()).isNotEqualTo(other.nextMillis());
    }
}
