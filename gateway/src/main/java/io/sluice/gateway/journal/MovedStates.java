// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.HashMap;
import java.util.Map;

/**
 * Under which number a state stands that was moved to the tail, for those who know it by an earlier one. A number is given once, so
 * one that was left is nobody else's. Holds something only for states that were moved since the start. Lives on the broker thread.
 */
final class MovedStates {

    private final Map<Long, Long> nowByKnown = new HashMap<>();
    private final Map<Long, Long> knownByNow = new HashMap<>();

    void moved(long from, long to) {
        Long before = knownByNow.remove(from);
        long known = before == null ? from : before;
        nowByKnown.put(known, to);
        knownByNow.put(to, known);
    }

    /** The number of a state that is given up by the number by which it is known; forgets it. */
    long leave(long known) {
        Long now = nowByKnown.remove(known);
        if (now == null) {
            return known;
        }
        knownByNow.remove(now);
        return now;
    }

    int count() {
        return nowByKnown.size();
    }
}
