// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

/**
 * Limits of clients and their sessions; sizes in bytes, times in seconds.
 *
 * @param connectionsMax clients connected at the same time
 * @param sessionsMax sessions kept, connected or not
 * @param subscriptionsMax subscriptions of one session
 * @param allSubscriptionsMax subscriptions of all sessions together
 * @param packetBytesMax the largest packet taken
 * @param receiveMaximum unacknowledged QoS 1 and 2 messages taken from one client, 1 to 65,535
 * @param sessionExpirySecondsMax the longest session expiry interval granted
 * @param keepAliveSecondsMax the longest keep alive granted, or 0 for no limit
 * @param ingressBytesMax bytes taken in and not yet safe on disk
 */
public record SessionLimits(
        int connectionsMax,
        int sessionsMax,
        int subscriptionsMax,
        int allSubscriptionsMax,
        int packetBytesMax,
        int receiveMaximum,
        long sessionExpirySecondsMax,
        int keepAliveSecondsMax,
        long ingressBytesMax) {}
