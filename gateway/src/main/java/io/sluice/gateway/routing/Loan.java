// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

/**
 * A delivery of a shared subscription that one of its members has under way. On the broker thread.
 *
 * @param from the outbox of the group in which it is
 */
record Loan(ShareGroup group, Outbox from, Delivery delivery) {

    /** The member is done with it, and so is everybody. */
    void settle() {
        from.settle(delivery.sequence());
        group.ended(this);
    }

    /** The member is gone: another one may have it. */
    void giveBack() {
        group.returned(this);
    }
}
