// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class QosTest {

    @Test
    void level_roundTrip_isTheNumberOnTheWire() {
        for (int level = 0; level <= 2; level++) {
            assertThat(Qos.of(level).level()).isEqualTo(level);
        }
        assertThat(Qos.of(1)).isEqualTo(Qos.AT_LEAST_ONCE);
    }

    @Test
    void level_outOfRange_isRefused() {
        assertThatThrownBy(() -> Qos.of(3)).hasMessage("QoS must be 0, 1 or 2, not 3");
        assertThatThrownBy(() -> Qos.of(-1)).hasMessage("QoS must be 0, 1 or 2, not -1");
    }

    @Test
    void min_isTheLower() {
        assertThat(Qos.EXACTLY_ONCE.min(Qos.AT_MOST_ONCE)).isEqualTo(Qos.AT_MOST_ONCE);
        assertThat(Qos.AT_LEAST_ONCE.min(Qos.EXACTLY_ONCE)).isEqualTo(Qos.AT_LEAST_ONCE);
    }
}
