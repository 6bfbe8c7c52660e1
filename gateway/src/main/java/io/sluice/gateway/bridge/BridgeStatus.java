// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.net.URI;

/**
 * A bridge at one moment, for operators.
 *
 * @param sinceMillis when it entered its state, in milliseconds of the journal's clock
 * @param address the upstream address in use, or tried next
 * @param underWay deliveries published and not yet acknowledged
 * @param backlog deliveries not yet settled, on disk and in memory, those under way included
 * @param trouble what ended or prevented the last connection; empty if nothing has
 */
public record BridgeStatus(
        String name,
        State state,
        long sinceMillis,
        URI address,
        int underWay,
        long backlog,
        Counts counts,
        String trouble) {

    /** What the bridge is doing. */
    public enum State {
        /** Pausing before the next attempt. */
        WAITING,
        CONNECTING,
        /** Connected, waiting for its subscriptions to be granted. */
        SUBSCRIBING,
        RUNNING,
        CLOSED
    }

    /**
     * What has happened since the start.
     *
     * @param forwarded deliveries that upstream has taken
     * @param fetched messages from upstream that were handed in
     * @param parked deliveries set aside because upstream can never take them
     * @param expired deliveries whose message expiry interval passed before they were sent
     * @param excluded deliveries that a rule's excludes kept back
     * @param retries deliveries that upstream refused for the time being
     * @param refused messages from upstream that no rule wanted, that had no usable name, or for which there was no room
     * @param connections connections that came about
     * @param failures attempts that did not end in a connection
     */
    public record Counts(
            long forwarded,
            long fetched,
            long parked,
            long expired,
            long excluded,
            long retries,
            long refused,
            long connections,
            long failures) {

        /** Connections after the first. */
        public long reconnects() {
            return Math.max(0, connections - 1);
        }
    }
}
