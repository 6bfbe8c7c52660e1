// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which messages of the load were acknowledged to their publishers, and which arrived, in which order. Usable from any thread. */
public final class LoadLedger {

    private static final int SHOWN_MAX = 20;

    private final Map<Stream, Account> accounts = new HashMap<>();
    private int acknowledged;
    private int arrived;
    private int duplicates;
    private int missing;
    private int outOfOrder;
    private final List<String> disorders = new ArrayList<>();

    /** A publisher's messages on one topic, which have to stay in order. */
    private record Stream(int publisher, int topic) {}

    private static final class Account {
        private final BitSet acknowledged = new BitSet();
        private final BitSet arrived = new BitSet();
        private int highest = -1;
    }

    /**
     * What the ledger says.
     *
     * @param acknowledged messages whose publishers have got a PUBACK
     * @param arrived different messages that arrived
     * @param lost acknowledged and not arrived
     * @param duplicates arrivals of what had arrived before
     * @param outOfOrder first arrivals after a later message of the same publisher and topic
     */
    public record Balance(int acknowledged, int arrived, int lost, int duplicates, int outOfOrder) {}

    synchronized void acknowledged(LoadPayload message) {
        Account account = account(message);
        if (account.acknowledged.get(message.sequence())) {
            throw new AssertionError("acknowledged twice: " + message);
        }
        account.acknowledged.set(message.sequence());
        acknowledged++;
        if (!account.arrived.get(message.sequence())) {
            missing++;
        }
    }

    synchronized void arrived(LoadPayload message) {
        Account account = account(message);
        if (account.arrived.get(message.sequence())) {
            duplicates++;
            return;
        }
        account.arrived.set(message.sequence());
        arrived++;
        if (account.acknowledged.get(message.sequence())) {
            missing--;
        }
        if (message.sequence() < account.highest) {
            outOfOrder++;
            if (disorders.size() < SHOWN_MAX) {
                disorders.add(message + " after " + account.highest);
            }
        }
        account.highest = Math.max(account.highest, message.sequence());
    }

    public synchronized Balance balance() {
        return new Balance(acknowledged, arrived, missing, duplicates, outOfOrder);
    }

    /** The first messages that are lost or came out of order, for a test's failure message. */
    public synchronized String explain() {
        List<String> lost = new ArrayList<>();
        accounts.forEach((stream, account) -> {
            BitSet open = (BitSet) account.acknowledged.clone();
            open.andNot(account.arrived);
            open.stream().limit(3).forEach(sequence -> lost.add(stream + " " + sequence));
        });
        return "lost, among others: " + lost.stream().limit(SHOWN_MAX).toList() + "; out of order, the first: "
                + disorders;
    }

    private Account account(LoadPayload message) {
        return accounts.computeIfAbsent(new Stream(message.publisher(), message.topic()), stream -> new Account());
    }
}
