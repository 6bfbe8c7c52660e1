// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PayloadTest {

    @Test
    void of_arrayChangedAfterwards_staysAsItWas() {
        byte[] bytes = {1, 2, 3};
        Payload payload = Payload.of(bytes);

        bytes[0] = 9;
        payload.toBytes()[1] = 9;

        assertThat(payload.toBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void view_ofTheMiddle_isOnlyThat() {
        Payload view = Payload.view(new byte[] {9, 'h', 'i', 9}, 1, 2);

        assertThat(view.length()).isEqualTo(2);
        assertThat(view.text()).isEqualTo("hi");
        assertThat(view.toBytes()).containsExactly('h', 'i');
        assertThat(view.asBuffer().remaining()).isEqualTo(2);
        assertThat(view.asBuffer().isReadOnly()).isTrue();
        assertThat(view).isEqualTo(Payload.ofText("hi")).hasSameHashCodeAs(Payload.ofText("hi"));
        assertThat(view).isNotEqualTo(Payload.ofText("ho"));
    }

    @Test
    void empty_everywhere_isEqual() {
        assertThat(Payload.of(new byte[0])).isEqualTo(Payload.empty()).isEqualTo(Payload.ofText(""));
        assertThat(Payload.empty().isEmpty()).isTrue();
        assertThat(Payload.ofText("x").isEmpty()).isFalse();
    }

    @Test
    void text_notUtf8_hasReplacementCharacters() {
        assertThat(Payload.of(new byte[] {'a', -1}).text()).isEqualTo("a\uFFFD");
    }
}
