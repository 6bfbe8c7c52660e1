// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.memory.Budget;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * In which segments one outbox has unsettled deliveries, and from which sequence to which; segments and sequences both rise. A thousand
 * sessions that are away have a thousand of these with a range for each segment, so that all but the newest range are bytes: mostly one
 * or two each, where a range begins in the next segment with the next sequence. Lives on the broker thread.
 *
 * <pre>
 * range | varint of 2 (last - first) + 0                            | next segment, next sequence
 *       | varint of 2 (last - first) + 1 | segments between | sequences between
 * </pre>
 */
final class SegmentRanges {

    /** What an array takes beside its bytes. */
    static final int ARRAY_BYTES = 16;

    private static final byte[] NONE = {};

    private final Map<Long, Segment> segments;
    private final Budget memory;
    private byte[] older = NONE;
    private int start;
    private int end;
    /** What the oldest range follows, and what the next one that becomes bytes follows: a segment, and the sequence after its last. */
    private long segmentBefore;

    private long sequenceBefore;
    private long segmentBehind;
    private long sequenceBehind;

    private @Nullable Segment newest;
    private long first;
    private long last;

    /**
     * @param segments by their numbers
     * @param memory what is charged with the bytes
     */
    SegmentRanges(Map<Long, Segment> segments, Budget memory) {
        this.segments = segments;
        this.memory = memory;
    }

    boolean isEmpty() {
        return newest == null;
    }

    /** Whether the newest range is in the segment. */
    boolean endsIn(Segment segment) {
        return segment.equals(newest);
    }

    /** The last sequence of all, inclusive, or -1 if there is none. */
    long last() {
        return newest == null ? -1 : last;
    }

    /** The first sequence of the newest range, if there is one. */
    long firstOfNewest() {
        return first;
    }

    /** Whether another segment would have more than one range be bytes. */
    boolean isLong() {
        return end > start;
    }

    /** Begins the range of a newer segment with newer sequences. */
    void add(Segment segment, long from, long to) {
        if (newest != null) {
            encode(newest.number(), first, last);
        }
        newest = segment;
        first = from;
        last = to;
    }

    /** The newest range goes on up to the sequence, inclusive. */
    void extend(long sequence) {
        last = sequence;
    }

    /** The first range that has the sequence or a later one, or null. */
    @Nullable
    SegmentRange atOrAfter(long sequence) {
        Cursor at = cursor(sequence);
        while (at.next()) {
            if (at.last() >= sequence) {
                return at.range();
            }
        }
        return null;
    }

    /** The segment's range, or null. */
    @Nullable
    SegmentRange in(Segment segment) {
        Cursor at = endsIn(segment) ? cursor(first) : cursor();
        while (at.next() && at.number() <= segment.number()) {
            if (at.number() == segment.number()) {
                return at.range();
            }
        }
        return null;
    }

    /** Forgets the segment's range, if there is one. */
    void remove(Segment segment) {
        if (endsIn(segment)) {
            newest = null;
            newestOfOlder();
            return;
        }
        Cursor at = cursor();
        if (at.nextOlder() && at.number() == segment.number()) { // most are settled in their order
            segmentBefore = at.number();
            sequenceBefore = at.last() + 1;
            start = at.next;
            shrink();
            return;
        }
        Cursor all = cursor();
        byte[] before = older;
        older = new byte[before.length];
        start = 0;
        end = 0;
        while (all.nextOlder()) {
            if (all.number() != segment.number()) {
                encode(all.number(), all.first(), all.last());
            }
        }
        shrink();
    }

    void clear() {
        newest = null;
        start = 0;
        end = 0;
        shrink();
    }

    /** The last range of those that are bytes becomes the newest. */
    private void newestOfOlder() {
        Cursor at = cursor();
        int begins = start;
        while (at.next < end) {
            segmentBehind = at.number();
            sequenceBehind = at.last() + 1;
            begins = at.next;
            at.nextOlder();
        }
        if (end > start) {
            newest = at.segment();
            first = at.first();
            last = at.last();
            end = begins;
            shrink();
        }
    }

    private void encode(long number, long from, long to) {
        if (start == end) {
            segmentBefore = number - 1;
            sequenceBefore = from;
            segmentBehind = segmentBefore;
            sequenceBehind = sequenceBefore;
        }
        long between = number - segmentBehind - 1;
        long passedOver = from - sequenceBehind;
        boolean follows = between == 0 && passedOver == 0;
        long beyondFirst = to - from;
        int bytes = follows ? size(2 * beyondFirst) : size(2 * beyondFirst) + size(between) + size(passedOver);
        if (end + bytes > older.length) {
            resize(end - start + bytes + Math.max(8, (end - start) / 4));
        }
        varint(2 * beyondFirst + (follows ? 0 : 1));
        if (!follows) {
            varint(between);
            varint(passedOver);
        }
        segmentBehind = number;
        sequenceBehind = to + 1;
    }

    private static int size(long value) {
        return (Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7FL) != 0) {
            older[end++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        older[end++] = (byte) left;
    }

    /** Gives back what a range that is gone has taken, unless it is little. */
    private void shrink() {
        if (start == end) {
            resize(0);
        } else if (older.length > 64 && end - start < older.length / 4) {
            resize(end - start + (end - start) / 4);
        }
    }

    private void resize(int bytes) {
        memory.add(charged(bytes) - charged(older.length));
        byte[] resized = bytes == 0 ? NONE : new byte[bytes];
        System.arraycopy(older, start, resized, 0, end - start);
        older = resized;
        end -= start;
        start = 0;
    }

    private static long charged(int bytes) {
        return bytes == 0 ? 0 : ARRAY_BYTES + bytes;
    }

    /** All ranges, the oldest first. No longer than until the next change. */
    Cursor cursor() {
        return new Cursor(start);
    }

    /** Some ranges before the sequence may be left out, none that have it or a later one. */
    Cursor cursor(long sequence) {
        return new Cursor(newest != null && sequence >= first ? end : start);
    }

    /** Goes from range to range; what it says holds for the one to which {@link #next} went. */
    final class Cursor {

        private final byte[] bytes = older;
        private final int bytesEnd = end;
        private int next;
        private long number = segmentBefore;
        private long from;
        private long to = sequenceBefore - 1;
        private boolean beyond;

        private Cursor(int next) {
            this.next = next;
        }

        boolean next() {
            if (nextOlder()) {
                return true;
            }
            if (newest == null || beyond) {
                return false;
            }
            beyond = true;
            number = newest.number();
            from = first;
            to = last;
            return true;
        }

        private boolean nextOlder() {
            if (next == bytesEnd) {
                return false;
            }
            long lengthAndKind = varint();
            boolean follows = (lengthAndKind & 1) == 0;
            number += follows ? 1 : 1 + varint();
            from = to + 1 + (follows ? 0 : varint());
            to = from + (lengthAndKind >>> 1);
            return true;
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte read = bytes[next++];
                value |= (read & 0x7FL) << shift;
                if (read >= 0) {
                    return value;
                }
            }
        }

        /** The segment's number. */
        long number() {
            return number;
        }

        Segment segment() {
            if (newest != null && newest.number() == number) {
                return newest;
            }
            Segment found = segments.get(number);
            if (found == null) {
                throw new IllegalStateException(
                        "an outbox has deliveries in segment %d, which is gone".formatted(number));
            }
            return found;
        }

        /** The first sequence. */
        long first() {
            return from;
        }

        /** The last sequence, inclusive. */
        long last() {
            return to;
        }

        SegmentRange range() {
            return new SegmentRange(segment(), from, to);
        }
    }
}
