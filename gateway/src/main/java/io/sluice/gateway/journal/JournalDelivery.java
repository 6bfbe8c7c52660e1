// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.List;

/**
 * A message that somebody is still owed.
 *
 * @param owner to whom
 * @param sequence its place in the outbox
 * @param qos with which it is to be delivered
 * @param retain with which it is to be delivered
 * @param subscriptionIds the identifiers of the subscriptions that it matched
 */
public record JournalDelivery(
        JournalOwner owner, long sequence, Qos qos, boolean retain, List<Integer> subscriptionIds, Message message) {

    public JournalDelivery {
        subscriptionIds = List.copyOf(subscriptionIds);
    }

    /** Takes deliveries, one after the other. */
    public interface Sink {
        void take(JournalDelivery delivery) throws IOException;
    }
}
