// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who promised what, and what came of it: for each source the numbers it was told are safe, and those that arrived at the cloud. Usable
 * from any thread.
 */
final class Ledger {

    private final Map<String, Account> accounts = new TreeMap<>();
    private final boolean acknowledges;

    /** @param acknowledges whether the sources are told what is safe; where they are not, what they sent is written in its place */
    Ledger(boolean acknowledges) {
        this.acknowledges = acknowledges;
    }

    /** Opens an account; arrivals from sources without one are not counted. */
    synchronized void open(String source) {
        accounts.put(source, new Account());
    }

    /** The source was told that this number is safe; without acknowledgements: it was sent. Numbers begin with 1. */
    synchronized void promised(String source, int number) {
        Account account = accounts.get(source);
        if (account == null) {
            throw new IllegalArgumentException("no account for " + source);
        }
        account.promised(number);
    }

    /**
     * The cloud got this number.
     *
     * @return whether the source has an account here
     */
    synchronized boolean arrived(String source, int number) {
        Account account = accounts.get(source);
        if (account == null) {
            return false;
        }
        account.arrived(number);
        return true;
    }

    /** What the accounts say now. */
    synchronized Balance balance() {
        int promised = 0;
        int arrived = 0;
        int missing = 0;
        int duplicated = 0;
        int reordered = 0;
        for (Account account : accounts.values()) {
            promised += account.promisedCount;
            arrived += account.arrivedCount;
            missing += account.missingCount;
            duplicated += account.duplicatedCount;
            reordered += account.reorderedCount;
        }
        return new Balance(acknowledges, promised, arrived, missing, duplicated, reordered);
    }

    /**
     * The sum over all sources.
     *
     * @param acknowledges whether {@code promised} means acknowledged, not just sent
     * @param promised different numbers that were promised
     * @param arrived different numbers that arrived, promised or not
     * @param missing promised and not arrived: under way, or lost
     * @param duplicated arrivals of a number that had arrived before
     * @param reordered first arrivals of a number after a higher one of the same source
     */
    record Balance(boolean acknowledges, int promised, int arrived, int missing, int duplicated, int reordered) {}

    private static final class Account {
        private final BitSet promised = new BitSet();
        private final BitSet arrived = new BitSet();
        private int highest;
        private int promisedCount;
        private int arrivedCount;
        private int missingCount;
        private int duplicatedCount;
        private int reorderedCount;

        void promised(int number) {
            if (promised.get(number)) {
                return;
            }
            promised.set(number);
            promisedCount++;
            if (!arrived.get(number)) {
                missingCount++;
            }
        }

        void arrived(int number) {
            if (arrived.get(number)) {
                duplicatedCount++;
                return;
            }
            arrived.set(number);
            arrivedCount++;
            if (promised.get(number)) {
                missingCount--;
            }
            if (number < highest) {
                reorderedCount++;
            }
            highest = Math.max(highest, number);
        }
    }
}
