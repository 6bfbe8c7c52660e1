// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

/** The running counts of one bridge, see {@link BridgeStatus.Counts}; on the broker thread. */
final class Tally {
    long forwarded;
    long fetched;
    long parked;
    long expired;
    long excluded;
    long retries;
    long refused;
    long connections;
    long failures;

    BridgeStatus.Counts counts() {
        return new BridgeStatus.Counts(
                forwarded, fetched, parked, expired, excluded, retries, refused, connections, failures);
    }
}
