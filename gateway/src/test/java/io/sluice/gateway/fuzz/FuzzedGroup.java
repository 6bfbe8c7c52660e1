// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/** A shared subscription, to a topic that no wildcard selects: as long as one durable member stays and none wants QoS 0, one gets each message. */
final class FuzzedGroup {

    static final TopicName TOPIC = new TopicName("$s");
    static final TopicFilter FILTER = TopicFilter.of("$share/group/$s");

    private final Set<Integer> came = new HashSet<>();
    private final List<Owed> owed = new ArrayList<>();
    private boolean promisesNothing;

    private record Owed(int number, BooleanSupplier isMember) {}

    /**
     * A message was acknowledged.
     *
     * @param isMember whether one that was a durable member then is still the same one
     */
    void owe(int number, BooleanSupplier isMember) {
        owed.add(new Owed(number, isMember));
    }

    /** A member wants QoS 0, and may get any message that way, those that were published before included. */
    void takesWithQos0() {
        promisesNothing = true;
    }

    void came(int number) {
        came.add(number);
    }

    /** What was promised and has come to nobody. */
    String open() {
        if (promisesNothing) {
            return "";
        }
        Set<Integer> missing = new TreeSet<>();
        for (Owed each : owed) {
            if (each.isMember.getAsBoolean() && !came.contains(each.number)) {
                missing.add(each.number);
            }
        }
        return missing.isEmpty() ? "" : "nobody of the group has got " + missing + "; ";
    }
}
