// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IngressTest {

    private long notForced;
    private boolean stuck;
    private final Ingress ingress = new Ingress(() -> notForced, () -> stuck, 1 << 20);

    @Test
    void spent_byWhatIsNotForcedAndByAnswersThatWaitForIt() {
        notForced = 1 << 20;
        assertThat(ingress.isSpent()).isFalse();
        ingress.owe(1);
        assertThat(ingress.isSpent()).isTrue();
        ingress.owe(-1);
        assertThat(ingress.isSpent()).isFalse();
        notForced++;
        assertThat(ingress.isSpent()).isTrue();
    }

    /** Else nobody would be read who could make room. */
    @Test
    void spent_whileNothingCanBeWritten_isTwiceAsMuch() {
        stuck = true;
        notForced = 2 << 20;
        assertThat(ingress.isSpent()).isFalse();
        notForced++;
        assertThat(ingress.isSpent()).isTrue();
    }
}
