// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.BitSet;
import java.util.List;

/**
 * The body of a segment's footer: what all records up to here amount to, and what is in this segment, so that a restart need not
 * read the segments before it. All numbers are varints, runs and lists count from the number before.
 *
 * <pre>
 * next owner | next state |
 * outboxes   | owner | reserved | settled floor | runs | gap, length... | released | sequence from the floor... |
 * received   | owners | owner | identifiers | identifier... |
 * live       | segments | segment | first state | bytes | bits... |
 * ranges     | of this segment: outboxes | owner | first | last - first |
 * states     | of this segment: count | index from the first state, frame offset... |
 * </pre>
 */
final class Snapshot {

    private Snapshot() {}

    static void write(JournalState state, Segment sealed, RecordBuffer out) {
        out.varint(state.nextOwner());
        out.varint(state.nextState());
        out.varint(state.outboxes().size());
        state.outboxes().values().forEach(log -> writeOutbox(log, out));
        out.varint(state.received().size());
        state.received().forEach((owner, ids) -> {
            out.varint(owner);
            out.varint(ids.cardinality());
            ids.stream().forEach(out::varint);
        });
        out.varint(state.segments().size());
        for (Segment segment : state.segments().values()) {
            byte[] bits = segment.liveStates().toByteArray();
            out.varint(segment.number());
            out.varint(segment.firstState());
            out.varint(bits.length);
            out.raw(bits);
        }
        List<OutboxLog> here = state.outboxes().values().stream()
                .filter(log -> log.ranges().endsIn(sealed))
                .toList();
        out.varint(here.size());
        for (OutboxLog log : here) {
            long first = log.ranges().firstOfNewest();
            out.varint(log.owner());
            out.varint(first);
            out.varint(log.ranges().last() - first);
        }
        BitSet live = sealed.liveStates();
        out.varint(live.cardinality());
        live.stream().forEach(index -> {
            out.varint(index);
            out.varint(sealed.stateOffset(sealed.firstState() + index));
        });
    }

    private static void writeOutbox(OutboxLog log, RecordBuffer out) {
        out.varint(log.owner());
        out.varint(log.reserved());
        SequenceSet settled = log.settled();
        out.varint(settled.floor());
        out.varint(settled.runCount());
        long before = settled.floor();
        for (int run = 0; run < settled.runCount(); run++) {
            out.varint(settled.runStart(run) - before);
            out.varint(settled.runEnd(run) - settled.runStart(run));
            before = settled.runEnd(run);
        }
        out.varint(log.released().size());
        log.released().forEach(sequence -> out.varint(sequence - settled.floor()));
    }

    /** Reads what all records amount to; the live states of each segment are handed to the sink. */
    static void readCumulative(RecordCursor in, JournalState state, LiveStates live) {
        state.restoreNext(in.varint(), in.varint());
        for (long outboxes = in.varint(); outboxes > 0; outboxes--) {
            readOutbox(in, state);
        }
        for (long owners = in.varint(); owners > 0; owners--) {
            long owner = in.varint();
            for (long ids = in.varint(); ids > 0; ids--) {
                state.received(owner, packetId(in.varint()));
            }
        }
        for (long segments = in.varint(); segments > 0; segments--) {
            long segment = in.varint();
            long firstState = in.varint();
            byte[] bits = new byte[in.count(1)];
            if (bits.length > Segment.STATES_MAX / Byte.SIZE) {
                throw new IllegalStateException(
                        "segment %d has %d bytes of live states".formatted(segment, bits.length));
            }
            for (int i = 0; i < bits.length; i++) {
                bits[i] = (byte) in.u8();
            }
            live.segment(segment, firstState, BitSet.valueOf(bits));
        }
    }

    private static int packetId(long value) {
        if (value < 1 || value > 0xFFFF) {
            throw new IllegalStateException("no packet identifier: " + value);
        }
        return (int) value;
    }

    private static void readOutbox(RecordCursor in, JournalState state) {
        OutboxLog log = state.outbox(in.varint());
        log.reserve(in.varint(), 0);
        long floor = in.varint();
        log.settled().add(0, floor);
        long before = floor;
        for (long runs = in.varint(); runs > 0; runs--) {
            long start = before + in.varint();
            before = start + in.varint();
            log.settled().add(start, before);
        }
        for (long count = in.varint(); count > 0; count--) {
            log.released().add(floor + in.varint());
        }
    }

    /** Skips what all records amount to, for a footer that is not the newest, and reads what is in its segment. */
    static void readOwn(RecordCursor in, Own own) {
        read(in, new JournalState(), (segment, firstState, live) -> {}, own);
    }

    /** Reads all of it. */
    static void read(RecordCursor in, JournalState state, LiveStates live, Own own) {
        readCumulative(in, state, live);
        for (long outboxes = in.varint(); outboxes > 0; outboxes--) {
            long owner = in.varint();
            long first = in.varint();
            own.range(owner, first, first + in.varint());
        }
        for (long count = in.varint(); count > 0; count--) {
            own.state((int) in.varint(), in.varint());
        }
    }

    /**
     * Writes a segment's footer again, with other places for the states in it. All else stays as of the time when it was sealed: what
     * came later is in later segments.
     *
     * @param states the states that are left, as index and frame offset by turns
     */
    static void relocate(RecordCursor in, long[] states, RecordBuffer out) {
        int start = in.position();
        readCumulative(in, new JournalState(), (segment, firstState, live) -> {});
        for (long outboxes = in.varint(); outboxes > 0; outboxes--) {
            in.varint();
            in.varint();
            in.varint();
        }
        in.copy(start, in.position(), out);
        out.varint(states.length / 2);
        for (long value : states) {
            out.varint(value);
        }
    }

    /** Takes the live states of each segment. */
    interface LiveStates {
        void segment(long number, long firstState, BitSet live);
    }

    /** Takes what is in a footer's own segment. */
    interface Own {
        void range(long owner, long first, long last);

        void state(int index, long frameOffset);
    }
}
