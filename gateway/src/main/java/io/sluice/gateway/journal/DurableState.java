// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.TopicFilter;
import java.util.Optional;

/**
 * State that outlives the process, one small value each. A newer value replaces an older one by the number under which that was
 * written.
 */
public sealed interface DurableState {

    /**
     * A durable session.
     *
     * @param owner the session's number in the journal, never used twice; its outbox has the same
     * @param expirySeconds the session expiry interval, greater than 0
     * @param disconnectedAt when its connection ended, in milliseconds of the journal's clock, or {@link #CONNECTED}
     * @param will what is still to be published for it when its connection has ended
     * @param identity whose session it is, where access rules hold
     */
    record SessionState(
            long owner,
            String clientId,
            long expirySeconds,
            long disconnectedAt,
            Optional<Will> will,
            Optional<String> identity)
            implements DurableState {
        public static final long CONNECTED = -1;

        /** Whether it says the same of the session, apart from when its connection ended. */
        public boolean promisesTheSameAs(SessionState other) {
            return expirySeconds == other.expirySeconds
                    && identity.equals(other.identity)
                    && will.isPresent() == other.will.isPresent()
                    && will.map(mine -> other.will.map(mine::isSameAs).orElse(false))
                            .orElse(true);
        }

        /** A session that is nobody's in particular. */
        public SessionState(long owner, String clientId, long expirySeconds, long disconnectedAt, Optional<Will> will) {
            this(owner, clientId, expirySeconds, disconnectedAt, will, Optional.empty());
        }
    }

    /**
     * A subscription of a durable session.
     *
     * @param owner the session's number
     * @param subscriptionId 0 if the client gave none
     */
    record SubscriptionState(long owner, Subscription subscription, int subscriptionId) implements DurableState {}

    /**
     * The outbox of a bridge's rule.
     *
     * @param owner the outbox's number
     */
    record BridgeState(long owner, String bridge, String rule) implements DurableState {}

    /**
     * A shared subscription that has durable members; those have their own subscription states.
     *
     * @param owner the number of the outbox that its members share
     * @param filter with its share name
     */
    record ShareState(long owner, TopicFilter filter) implements DurableState {}

    /** The retained message of a topic. */
    record RetainedState(Message message) implements DurableState {}
}
