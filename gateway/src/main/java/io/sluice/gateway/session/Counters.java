// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

/** What sessions count for the operator, since the start. On the broker thread. */
public final class Counters {

    private long droppedQos0;
    private long droppedTooLarge;
    private long droppedSlow;
    private long expiredSessions;

    void expireSession() {
        expiredSessions++;
    }

    /** Sessions that ended because nobody came back in time. */
    public long expiredSessions() {
        return expiredSessions;
    }

    /** All messages that were not sent to somebody who had subscribed, for whatever reason. */
    public long dropped() {
        return droppedQos0 + droppedTooLarge + droppedSlow;
    }

    private long droppedDenied;
    private long deniedSubscriptions;

    void dropDenied() {
        droppedDenied++;
    }

    void denySubscription() {
        deniedSubscriptions++;
    }

    /** Messages not taken because the access rules do not allow their topic. */
    public long droppedDenied() {
        return droppedDenied;
    }

    /** Subscriptions refused because the access rules do not allow their filter. */
    public long deniedSubscriptions() {
        return deniedSubscriptions;
    }

    void dropQos0() {
        droppedQos0++;
    }

    void dropTooLarge() {
        droppedTooLarge++;
    }

    void dropSlow(long count) {
        droppedSlow += count;
    }

    /** QoS 0 messages not sent because the subscriber was too slow. */
    public long droppedQos0() {
        return droppedQos0;
    }

    /** Messages not sent because the subscriber's maximum packet size forbids it. */
    public long droppedTooLarge() {
        return droppedTooLarge;
    }

    /** Deliveries lost with sessions that were not durable and whose outbox ran full. */
    public long droppedSlow() {
        return droppedSlow;
    }
}
