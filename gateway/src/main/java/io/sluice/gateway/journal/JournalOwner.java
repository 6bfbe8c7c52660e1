// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.Optional;

/**
 * Whose an outbox is, for people.
 *
 * @param number its number in the journal
 * @param name the client identifier, the bridge, or the shared filter; empty if it is nobody's
 * @param rule the bridge's rule, otherwise empty
 */
public record JournalOwner(long number, Kind kind, String name, String rule) {

    /** What somebody is to whom messages are owed. */
    public enum Kind {
        SESSION,
        BRIDGE,
        SHARE,
        /** Nothing says whose it is. */
        NOBODY
    }

    static JournalOwner nobody(long number) {
        return new JournalOwner(number, Kind.NOBODY, "", "");
    }

    static Optional<JournalOwner> of(DurableState state) {
        return switch (state) {
            case DurableState.SessionState session ->
                Optional.of(new JournalOwner(session.owner(), Kind.SESSION, session.clientId(), ""));
            case DurableState.BridgeState bridge ->
                Optional.of(new JournalOwner(bridge.owner(), Kind.BRIDGE, bridge.bridge(), bridge.rule()));
            case DurableState.ShareState share ->
                Optional.of(new JournalOwner(
                        share.owner(), Kind.SHARE, share.filter().toString(), ""));
            case DurableState.SubscriptionState ignored -> Optional.empty();
            case DurableState.RetainedState ignored -> Optional.empty();
        };
    }

    /** The name, and the rule if there is one. */
    public String label() {
        return rule.isEmpty() ? name : name + ": " + rule;
    }
}
