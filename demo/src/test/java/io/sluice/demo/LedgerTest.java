// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.demo.Ledger.Balance;
import org.junit.jupiter.api.Test;

final class LedgerTest {

    private final Ledger ledger = new Ledger(true);

    LedgerTest() {
        ledger.open("a");
        ledger.open("b");
    }

    @Test
    void arrival_ofEveryPromise_leavesNothingMissing() {
        for (int number = 1; number <= 3; number++) {
            ledger.promised("a", number);
            ledger.arrived("a", number);
        }

        assertThat(ledger.balance()).isEqualTo(new Balance(true, 3, 3, 0, 0, 0));
    }

    @Test
    void promise_withoutArrival_isMissing() {
        ledger.promised("a", 1);
        ledger.promised("a", 2);
        ledger.arrived("a", 2);

        assertThat(ledger.balance()).isEqualTo(new Balance(true, 2, 1, 1, 0, 0));
    }

    @Test
    void arrival_beforeItsPromise_isNotMissingLater() {
        ledger.arrived("a", 1);
        ledger.promised("a", 1);

        assertThat(ledger.balance()).isEqualTo(new Balance(true, 1, 1, 0, 0, 0));
    }

    @Test
    void arrival_neverPromised_doesNotMakeUpForALoss() {
        ledger.promised("a", 1);
        ledger.arrived("a", 2);

        assertThat(ledger.balance().missing()).isEqualTo(1);
    }

    @Test
    void arrival_ofTheSameNumberOfAnotherSource_doesNotMakeUpForALoss() {
        ledger.promised("a", 1);
        ledger.arrived("b", 1);

        assertThat(ledger.balance().missing()).isEqualTo(1);
    }

    @Test
    void promise_madeTwice_countsOnce() {
        ledger.promised("a", 1);
        ledger.promised("a", 1);

        assertThat(ledger.balance().promised()).isEqualTo(1);
        assertThat(ledger.balance().missing()).isEqualTo(1);
    }

    @Test
    void arrival_ofTheSameNumberAgain_isADuplicateAndNotReordered() {
        ledger.arrived("a", 1);
        ledger.arrived("a", 2);
        ledger.arrived("a", 1);

        assertThat(ledger.balance()).isEqualTo(new Balance(true, 0, 2, 0, 1, 0));
    }

    @Test
    void arrival_firstAfterAHigherNumber_isReordered() {
        ledger.arrived("a", 2);
        ledger.arrived("a", 1);
        ledger.arrived("a", 3);

        assertThat(ledger.balance().reordered()).isEqualTo(1);
    }

    @Test
    void arrival_ofLowerNumberFromAnotherSource_isInOrder() {
        ledger.arrived("a", 5);
        ledger.arrived("b", 1);

        assertThat(ledger.balance().reordered()).isZero();
    }

    @Test
    void arrival_fromAStranger_isNotTaken() {
        assertThat(ledger.arrived("stranger", 1)).isFalse();
        assertThat(ledger.balance().arrived()).isZero();
    }

    @Test
    void promise_toAStranger_isRefused() {
        assertThatThrownBy(() -> ledger.promised("stranger", 1)).hasMessageContaining("stranger");
    }
}
