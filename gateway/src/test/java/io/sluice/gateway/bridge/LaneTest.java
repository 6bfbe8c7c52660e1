// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.routing.Delivery;
import org.junit.jupiter.api.Test;

/** What a lane remembers of deliveries that upstream has refused for now. */
final class LaneTest {

    private final MemoryBacklog backlog = new MemoryBacklog();
    private final Lane lane = new Lane(Samples.forward("sensors", "sensors/#"), backlog);

    private Delivery refuseNext() {
        Delivery delivery = lane.next();
        assertThat(delivery).isNotNull();
        assertThat(lane.refused(delivery)).isTrue();
        return delivery;
    }

    private void add(String payload) {
        backlog.add(Samples.message("sensors/x", payload));
    }

    @Test
    void refusals_acrossConnections_areCountedOn() {
        add("1");
        for (int i = 0; i < Lane.RETRIES_MAX; i++) {
            refuseNext();
            lane.rewind();
        }
        Delivery last = lane.next();
        assertThat(last).isNotNull();
        assertThat(lane.refused(last)).isFalse();
    }

    /** The journal may drop what was under way to make room, and then nothing ever settles it. */
    @Test
    void refusals_ofWhatIsDroppedAfterwards_areForgotten() {
        add("1");
        add("2");
        Delivery dropped = refuseNext();
        refuseNextOfBacklog();
        backlog.drop(dropped.sequence());
        lane.rewind();
        assertThat(lane.next()).isNotNull();
        assertThat(lane.refusedOnes()).isEqualTo(1);
    }

    private void refuseNextOfBacklog() {
        Delivery delivery = backlog.next();
        assertThat(delivery).isNotNull();
        lane.refused(delivery);
    }
}
