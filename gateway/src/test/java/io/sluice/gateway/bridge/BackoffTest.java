// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LAST = Duration.ofSeconds(60);

    @Test
    void next_anyNumberOfTimes_staysWithinFirstAndLastAndThreeTimesTheOneBefore() {
        for (long seed = 0; seed < 50; seed++) {
            Backoff backoff = new Backoff(FIRST, LAST, new SplittableRandom(seed));
            Duration before = FIRST;
            for (int i = 0; i < 200; i++) {
                Duration pause = backoff.next();
                assertThat(pause)
                        .as("seed %d, pause %d", seed, i)
                        .isBetween(FIRST, LAST)
                        .isLessThanOrEqualTo(before.multipliedBy(3));
                before = pause;
            }
        }
    }

    @Test
    void next_overTime_reachesTheUpperHalfAndDiffersBetweenSeeds() {
        Set<Duration> tenth = new HashSet<>();
        boolean high = false;
        for (long seed = 0; seed < 50; seed++) {
            Backoff backoff = new Backoff(FIRST, LAST, new SplittableRandom(seed));
            Duration pause = FIRST;
            for (int i = 0; i < 10; i++) {
                pause = backoff.next();
                high |= pause.compareTo(LAST.dividedBy(2)) > 0;
            }
            tenth.add(pause);
        }
        assertThat(high).isTrue();
        assertThat(tenth).hasSizeGreaterThan(40);
    }

    @Test
    void ended_connectionThatWasStable_startsOver() {
        Backoff backoff = grown();
        backoff.ended(Backoff.STABLE);
        assertThat(backoff.next()).isLessThanOrEqualTo(FIRST.multipliedBy(3));
    }

    @Test
    void ended_connectionThatWasShort_goesOnGrowing() {
        Backoff backoff = grown();
        backoff.ended(Backoff.STABLE.minusMillis(1));
        boolean beyond = false;
        for (int i = 0; i < 20; i++) {
            beyond |= backoff.next().compareTo(FIRST.multipliedBy(3)) > 0;
            backoff.ended(Duration.ofMillis(5));
        }
        assertThat(beyond).isTrue();
    }

    @Test
    void next_equalFirstAndLast_isConstant() {
        Backoff backoff = new Backoff(FIRST, FIRST, new SplittableRandom(1));
        assertThat(backoff.next()).isEqualTo(FIRST);
        assertThat(backoff.next()).isEqualTo(FIRST);
    }

    private static Backoff grown() {
        Backoff backoff = new Backoff(FIRST, LAST, new SplittableRandom(7));
        Duration pause = FIRST;
        for (int i = 0; i < 1_000 && pause.compareTo(Duration.ofSeconds(30)) < 0; i++) {
            pause = backoff.next();
        }
        assertThat(pause).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        return backoff;
    }
}
