// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.routing.Delivery;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The outbox of one forward rule, as the bridge sees it. Everything happens on the broker thread. */
public interface Backlog {

    /** The next delivery not yet handed out on this connection, in order; null if none is in memory right now. */
    @Nullable
    Delivery next();

    /** The delivery with this sequence is done with for good. */
    void settle(long sequence);

    /** The connection is gone: everything unsettled is handed out again, in order. */
    void rewind();

    /** Has the pump called whenever {@link #next} may give something again. */
    void onReady(Runnable pump);

    /** @param room asked how many more deliveries could be sent at once */
    void room(IntSupplier room);

    /** What waits cannot be sent for now. */
    void stall();

    /** Unsettled deliveries, on disk and in memory. */
    long depth();
}
