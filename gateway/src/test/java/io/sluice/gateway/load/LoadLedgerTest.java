// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.load.LoadLedger.Balance;
import io.sluice.gateway.message.Payload;
import org.junit.jupiter.api.Test;

final class LoadLedgerTest {

    private final LoadLedger ledger = new LoadLedger();

    @Test
    void payload_encodedAndDecoded_isTheSame() {
        LoadPayload message = new LoadPayload(7, 1, 123_456);

        assertThat(LoadPayload.decoded(message.encoded())).contains(message);
        assertThat(LoadPayload.decoded(Payload.ofText("something else"))).isEmpty();
    }

    @Test
    void message_acknowledgedAndNotArrived_isLost() {
        ledger.acknowledged(new LoadPayload(1, 0, 0));
        ledger.arrived(new LoadPayload(1, 1, 0));
        ledger.arrived(new LoadPayload(2, 0, 0));

        assertThat(ledger.balance()).isEqualTo(new Balance(1, 2, 1, 0, 0));
        assertThat(ledger.explain()).contains("publisher=1");
    }

    @Test
    void message_arrivedBeforeItsAcknowledgement_isNotLost() {
        ledger.arrived(new LoadPayload(1, 0, 0));
        ledger.acknowledged(new LoadPayload(1, 0, 0));

        assertThat(ledger.balance()).isEqualTo(new Balance(1, 1, 0, 0, 0));
    }

    @Test
    void repeatedArrival_isADuplicateAndInOrder() {
        ledger.arrived(new LoadPayload(1, 0, 0));
        ledger.arrived(new LoadPayload(1, 0, 1));
        ledger.arrived(new LoadPayload(1, 0, 0));

        assertThat(ledger.balance()).isEqualTo(new Balance(0, 2, 0, 1, 0));
    }

    @Test
    void firstArrival_afterALaterMessageOfTheSameStream_isOutOfOrder() {
        ledger.arrived(new LoadPayload(1, 0, 1));
        ledger.arrived(new LoadPayload(1, 1, 0));
        ledger.arrived(new LoadPayload(1, 0, 0));

        assertThat(ledger.balance().outOfOrder()).isEqualTo(1);
    }

    @Test
    void message_acknowledgedTwice_isABugOfTheFixture() {
        ledger.acknowledged(new LoadPayload(1, 0, 0));

        assertThatThrownBy(() -> ledger.acknowledged(new LoadPayload(1, 0, 0))).isInstanceOf(AssertionError.class);
    }
}
