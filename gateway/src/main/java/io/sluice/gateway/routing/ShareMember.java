// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.util.List;

/** A session as a shared subscription sees it. On the broker thread. */
public interface ShareMember {

    /** Whether it survives its connection. */
    boolean isDurable();

    boolean isConnected();

    /** Whether it can be sent another delivery with the QoS now: it is connected and has send quota. */
    boolean isReady(Qos qos);

    void publishQos0(Message message, boolean retain, List<Integer> subscriptionIds);

    /** Where a delivery goes that it is to be sent; {@link #offered} tells it. */
    Outbox outbox();

    void offered();

    /** Ends its connection, because the members together are too slow for an outbox that is only in memory. */
    void tooSlow();
}
