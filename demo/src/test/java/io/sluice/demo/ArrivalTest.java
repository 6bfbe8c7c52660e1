// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.demo.CloudSubscriber.Arrival;
import org.junit.jupiter.api.Test;

final class ArrivalTest {

    @Test
    void arrival_ofASensor_hasItsNameAndNumber() {
        assertThat(Arrival.of("site/demo/sensors/press-1/temperature", "1234 21.50"))
                .contains(new Arrival("press-1", 1234));
    }

    @Test
    void arrival_ofALine_hasItsNameAndNumber() {
        assertThat(Arrival.of("site/demo/sensors/scale", "17,80.1")).contains(new Arrival("scale", 17));
    }

    @Test
    void arrival_ofSomethingElse_isNone() {
        assertThat(Arrival.of("site/demo/sensors/press-1", "hello")).isEmpty();
        assertThat(Arrival.of("site/demo", "1")).isEmpty();
        assertThat(Arrival.of("site/demo/sensors/press-1", "99999999999 1")).isEmpty();
    }
}
