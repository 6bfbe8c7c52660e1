// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BadFramesTest {

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);

    @Test
    void report_manyInAMinute_isLoggedOnce() {
        BadFrames badFrames = new BadFrames("boiler", nanoTime::get);
        try (CapturedLog log = new CapturedLog(BadFrames.class)) {
            assertThat(badFrames.report("not UTF-8")).isTrue();
            assertThat(badFrames.report("not UTF-8")).isFalse();
            nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(59));
            assertThat(badFrames.report("not UTF-8")).isFalse();
            nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(1));
            assertThat(badFrames.report("too long")).isTrue();
            assertThat(log.lines())
                    .containsExactly(
                            "WARNING device boiler: not UTF-8",
                            "WARNING device boiler: too long (and 2 more since this was last said)");
        }
    }

    @Test
    void excerpt_controlCharactersAndLength_areMadeFitForALogLine() {
        assertThat(excerpt("1,2")).isEqualTo("'1,2'");
        assertThat(excerpt("a\\\u001b[2Jä")).isEqualTo("'a\\x5C\\x1B[2J\\xC3\\xA4'");
        assertThat(excerpt("x".repeat(81))).isEqualTo("'" + "x".repeat(80) + "' and 1 bytes more");
    }

    private static String excerpt(String text) {
        byte[] bytes = ("<" + text).getBytes(StandardCharsets.UTF_8);
        return BadFrames.excerpt(bytes, 1, bytes.length - 1);
    }
}
