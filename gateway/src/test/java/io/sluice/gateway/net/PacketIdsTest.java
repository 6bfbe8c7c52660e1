// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PacketIdsTest {

    @Test
    void take_freedAtOnce_isUsedAgainAsLateAsPossible() {
        PacketIds ids = new PacketIds(3);
        assertThat(ids.take(10)).isEqualTo(1);
        assertThat(ids.release(1)).isEqualTo(10);
        assertThat(ids.take(11)).isEqualTo(2);
        assertThat(ids.take(12)).isEqualTo(3);
        assertThat(ids.take(13)).isEqualTo(1);
        assertThatIllegalStateException().isThrownBy(() -> ids.take(14));
    }

    @Test
    void isUsed_outsideOfTheRange_isFalse() {
        PacketIds ids = new PacketIds(65_535);
        assertThat(ids.isUsed(0)).isFalse();
        assertThat(ids.isUsed(65_535)).isFalse();
    }

    @Test
    void take_andRelease_atRandom_neverMixTokensUp() {
        SplittableRandom random = new SplittableRandom(7);
        PacketIds ids = new PacketIds(20);
        Map<Integer, Long> used = new HashMap<>();
        for (long token = 0; token < 10_000; token++) {
            if (used.size() < 20 && random.nextInt(3) > 0) {
                assertThat(used.put(ids.take(token), token)).isNull();
            } else if (!used.isEmpty()) {
                int id = used.keySet().stream()
                        .skip(random.nextInt(used.size()))
                        .findFirst()
                        .orElseThrow();
                assertThat(ids.isUsed(id)).isTrue();
                assertThat(ids.release(id)).isEqualTo(used.remove(id));
            }
        }
    }
}
