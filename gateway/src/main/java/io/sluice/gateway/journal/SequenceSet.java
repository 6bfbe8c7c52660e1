// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.Arrays;

/**
 * A set of sequence numbers that fills up from below: everything under the floor, and some runs above it. Small however many
 * numbers it holds, because only what is out of order takes memory.
 */
final class SequenceSet {

    private static final long[] NONE = {};

    private long floor;
    /** Runs above the floor, disjoint and not adjacent, in rising order: start and end (exclusive) by turns. */
    private long[] runs = NONE;

    private int length;

    SequenceSet(long floor) {
        this.floor = floor;
    }

    /** Everything below is in the set, and it is not itself. */
    long floor() {
        return floor;
    }

    boolean contains(long sequence) {
        if (sequence < floor) {
            return true;
        }
        int at = firstRunEndingAfter(sequence);
        return at < length && runs[at] <= sequence;
    }

    /** The first number from a sequence on that is not in the set. */
    long nextAbsent(long sequence) {
        if (sequence < floor) {
            return floor;
        }
        int at = firstRunEndingAfter(sequence);
        return at < length && runs[at] <= sequence ? runs[at + 1] : sequence;
    }

    /** The number after the n-th that is not in the set; the floor if n is 0. */
    long afterAbsent(long n) {
        long from = floor;
        long left = n;
        for (int i = 0; i < length && runs[i] - from < left; i += 2) {
            left -= runs[i] - from;
            from = runs[i + 1];
        }
        return from + left;
    }

    /** Adds one number; whether it was new. */
    boolean add(long sequence) {
        return add(sequence, sequence + 1) == 1;
    }

    /**
     * Adds a run.
     *
     * @param to exclusive
     * @return how many of its numbers were new
     */
    long add(long from, long to) {
        if (to <= Math.max(from, floor)) {
            return 0;
        }
        long start = Math.max(from, floor);
        long end = to;
        int first = firstRunEndingAfter(start - 1); // one that touches counts, too
        int last = first;
        long covered = 0;
        while (last < length && runs[last] <= end) {
            covered += Math.min(runs[last + 1], to) - Math.max(runs[last], Math.max(from, floor));
            start = Math.min(start, runs[last]);
            end = Math.max(end, runs[last + 1]);
            last += 2;
        }
        long added = to - Math.max(from, floor) - covered;
        if (start == floor) {
            floor = end;
            replace(0, last); // nothing can lie before a run that begins at the floor
        } else {
            replace(first, last, start, end);
        }
        return added;
    }

    /**
     * How many numbers of a range are in the set.
     *
     * @param to exclusive
     */
    long count(long from, long to) {
        long count = Math.max(0, Math.min(floor, to) - from);
        for (int i = firstRunEndingAfter(from); i < length && runs[i] < to; i += 2) {
            count += Math.min(runs[i + 1], to) - Math.max(runs[i], from);
        }
        return count;
    }

    /**
     * A copy of what lies in a range; what is below the range counts as in it.
     *
     * @param to exclusive
     */
    SequenceSet within(long from, long to) {
        SequenceSet part = new SequenceSet(Math.max(from, Math.min(floor, to)));
        for (int i = firstRunEndingAfter(from); i < length && runs[i] < to; i += 2) {
            part.add(Math.max(runs[i], from), Math.min(runs[i + 1], to));
        }
        return part;
    }

    /** The number of runs above the floor. */
    int runCount() {
        return length / 2;
    }

    long runStart(int run) {
        return runs[2 * run];
    }

    /** Exclusive. */
    long runEnd(int run) {
        return runs[2 * run + 1];
    }

    /** The index of the first run whose end is greater than the number. */
    private int firstRunEndingAfter(long sequence) {
        int low = 0;
        int high = length / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (runs[2 * middle + 1] > sequence) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return 2 * low;
    }

    private void replace(int from, int to, long... with) {
        int tail = length - to;
        int needed = from + with.length + tail;
        if (needed > runs.length) {
            runs = Arrays.copyOf(runs, Math.max(needed, runs.length * 2));
        }
        System.arraycopy(runs, to, runs, from + with.length, tail);
        System.arraycopy(with, 0, runs, from, with.length);
        length = needed;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("..").append(floor);
        for (int i = 0; i < length; i += 2) {
            text.append(' ').append(runs[i]).append("..").append(runs[i + 1]);
        }
        return text.toString();
    }
}
