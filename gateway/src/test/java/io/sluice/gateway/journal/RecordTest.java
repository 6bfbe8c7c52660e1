// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.RecentTopics;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is written is what is read, for every kind of record. */
final class RecordTest {

    private static final long TIME = 1_767_225_600_000L;
    private static final List<Long> NUMBERS =
            List.of(0L, 1L, 127L, 128L, 16_383L, 16_384L, (1L << 31) - 1, 1L << 31, 1L << 56, Long.MAX_VALUE);

    private final RecordBuffer out = new RecordBuffer(8);

    @Test
    void varint_anyNumber_readsBack() {
        NUMBERS.forEach(out::varint);
        RecordCursor in = cursor();
        for (long number : NUMBERS) {
            assertThat(in.varint()).isEqualTo(number);
        }
        assertThat(in.hasNext()).isFalse();
    }

    @Test
    void smallRecords_bigNumbers_readBack() {
        for (long number : NUMBERS) {
            out.settled(number, number / 2, number);
            out.reserved(number, number);
            out.released(number, number);
            out.received(number, 65_535);
            out.completed(number, 1);
            out.removed(number, new long[] {number, 1, number});
        }
        RecordCursor in = cursor();
        for (long number : NUMBERS) {
            assertThat(in.next()).isEqualTo(new JournalRecord.Settled(number, number / 2, number));
            assertThat(in.next()).isEqualTo(new JournalRecord.Reserved(number, number));
            assertThat(in.next()).isEqualTo(new JournalRecord.Released(number, number));
            assertThat(in.next()).isEqualTo(new JournalRecord.Received(number, 65_535));
            assertThat(in.next()).isEqualTo(new JournalRecord.Completed(number, 1));
            assertThat(in.next()).isEqualTo(new JournalRecord.Removed(number, List.of(number, 1L, number)));
        }
        assertThat(in.hasNext()).isFalse();
    }

    @Test
    void message_randomParts_readsBack() {
        for (long seed = 1; seed <= 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            out.clear();
            Message message = message(random);
            Receivers receivers = new Receivers();
            List<JournalRecord.Receiver> expected = receivers(random, receivers);
            long from = random.nextBoolean() ? 0 : random.nextLong(1, Long.MAX_VALUE);
            int packetId = from == 0 ? 0 : random.nextInt(1, 65_536);
            long retained = random.nextBoolean() ? 0 : random.nextLong(1, Long.MAX_VALUE);
            long replaced = random.nextBoolean() ? 0 : random.nextLong(1, Long.MAX_VALUE);
            out.message(message, TIME, receivers, from, packetId, retained, replaced);
            out.settled(1, 2, 3);

            RecordCursor in = cursor();
            JournalRecord.Stored stored = (JournalRecord.Stored) in.next();
            String what = "seed " + seed;
            assertThat(stored.receivers()).as(what).isEqualTo(expected);
            assertThat(stored.receivedFrom()).as(what).isEqualTo(from);
            assertThat(stored.packetId()).as(what).isEqualTo(packetId);
            assertThat(stored.retainedNumber()).as(what).isEqualTo(retained);
            assertThat(stored.replacedNumber()).as(what).isEqualTo(replaced);
            assertSame(stored.content().message(), message, what);
            assertThat(in.next()).isEqualTo(new JournalRecord.Settled(1, 2, 3));
        }
    }

    @Test
    void message_aboutAsLongAsAByteMoreOfLengthNeeds_readsBack() {
        for (int limit : new int[] {1 << 7, 1 << 14, 1 << 21}) {
            for (int bytes = limit - 60; bytes <= limit + 2; bytes++) {
                for (int count : new int[] {1, 9}) {
                    out.clear();
                    Message message = Message.of(
                            new TopicName("t"),
                            Qos.AT_LEAST_ONCE,
                            false,
                            MessageProperties.none(),
                            Message.NEVER,
                            TIME,
                            Payload.of(new byte[bytes]));
                    Receivers receivers = new Receivers();
                    for (int i = 1; i <= count; i++) {
                        receivers.add(i, 1, Qos.AT_LEAST_ONCE, false, List.of());
                    }
                    out.message(message, TIME, receivers, 0, 0, 0, 0);
                    out.settled(1, 2, 3);

                    RecordCursor in = cursor();
                    JournalRecord.Stored stored = (JournalRecord.Stored) in.next();
                    String what = bytes + " bytes for " + count;
                    assertThat(stored.receivers()).as(what).hasSize(count);
                    assertSame(stored.content().message(), message, what);
                    assertThat(in.next()).as(what).isEqualTo(new JournalRecord.Settled(1, 2, 3));
                }
            }
        }
    }

    @Test
    void removed_moreNumbersThanUsual_readsBack() {
        List<Long> numbers = LongStream.range(0, 20_000).boxed().toList();
        for (int count : new int[] {30, 123, 124, 125, 8_000, 20_000}) {
            out.removed(
                    1, numbers.stream().mapToLong(Long::longValue).limit(count).toArray());
        }
        RecordCursor in = cursor();
        for (int count : new int[] {30, 123, 124, 125, 8_000, 20_000}) {
            assertThat(in.next()).isEqualTo(new JournalRecord.Removed(1, numbers.subList(0, count)));
        }
        assertThat(in.hasNext()).isFalse();
    }

    private static Message message(SplittableRandom random) {
        MessageProperties.Builder properties = MessageProperties.builder();
        for (int i = random.nextInt(3); i > 0; i--) {
            properties.userProperty("key" + i, "v".repeat(random.nextInt(200)));
        }
        byte[] payload = new byte[random.nextInt(4) == 0 ? random.nextInt(70_000) : random.nextInt(100)];
        random.nextBytes(payload);
        return Message.of(
                new TopicName("ä/" + "t".repeat(random.nextInt(300))),
                Qos.of(random.nextInt(3)),
                random.nextBoolean(),
                properties.build(),
                random.nextBoolean() ? Message.NEVER : random.nextLong(4_294_967_296L),
                TIME + random.nextLong(-10_000_000, 1_000), // it may have come long before its batch began
                Payload.of(payload));
    }

    private static List<JournalRecord.Receiver> receivers(SplittableRandom random, Receivers receivers) {
        List<JournalRecord.Receiver> expected = new ArrayList<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            List<Integer> ids = random.nextBoolean() ? List.of() : List.of(1, 268_435_455);
            JournalRecord.Receiver receiver = new JournalRecord.Receiver(
                    random.nextLong(1, 1L << 40),
                    random.nextLong(1L << 50),
                    Qos.of(1 + random.nextInt(2)),
                    random.nextBoolean(),
                    ids);
            expected.add(receiver);
            receivers.add(receiver.owner(), receiver.sequence(), receiver.qos(), receiver.retain(), ids);
        }
        return expected;
    }

    private static void assertSame(Message is, Message expected, String what) {
        assertThat(is.topic()).as(what).isEqualTo(expected.topic());
        assertThat(is.qos()).as(what).isEqualTo(expected.qos());
        assertThat(is.retain()).as(what).isEqualTo(expected.retain());
        assertThat(is.expirySeconds()).as(what).isEqualTo(expected.expirySeconds());
        assertThat(is.receivedAt()).as(what).isEqualTo(expected.receivedAt());
        assertThat(is.bytes()).as(what).isEqualTo(expected.bytes());
        assertThat(is.topicBytes()).as(what).isEqualTo(expected.topicBytes());
        assertThat(is.propertiesBytes()).as(what).isEqualTo(expected.propertiesBytes());
    }

    @Test
    void states_everyKind_readBack() {
        List<DurableState> states = List.of(
                new DurableState.SessionState(1, "client", 4_294_967_295L, TIME, Optional.empty()),
                new DurableState.SessionState(
                        Long.MAX_VALUE, "", 1, DurableState.SessionState.CONNECTED, Optional.empty()),
                new DurableState.BridgeState(7, "cloud", "sensors/#"),
                new DurableState.ShareState(8, TopicFilter.of("$share/group/a/+/#")),
                subscription("a/+/#", Qos.EXACTLY_ONCE, RetainHandling.NEVER, 268_435_455),
                subscription("$share/group/b", Qos.AT_MOST_ONCE, RetainHandling.SEND_IF_NEW, 0));
        for (int i = 0; i < states.size(); i++) {
            out.state(i + 1, i, states.get(i));
        }
        RecordCursor in = cursor();
        for (int i = 0; i < states.size(); i++) {
            assertThat(in.next()).isEqualTo(new JournalRecord.State(i + 1, i, states.get(i)));
        }
    }

    private static DurableState subscription(String filter, Qos qos, RetainHandling handling, int id) {
        boolean odd = id % 2 == 1;
        return new DurableState.SubscriptionState(
                3, new Subscription(TopicFilter.of(filter), qos, odd, !odd, handling), id);
    }

    @Test
    void states_withMessages_readBack() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 50; i++) {
            out.clear();
            Will will = new Will(message(random), random.nextLong(4_294_967_296L));
            out.state(1, 0, new DurableState.SessionState(5, "c", 60, 0, Optional.of(will)));
            Message retained = message(random);
            out.state(2, 1, new DurableState.RetainedState(retained));
            RecordCursor in = cursor();
            JournalRecord.State session = (JournalRecord.State) in.next();
            Will read = ((DurableState.SessionState) session.state()).will().orElseThrow();
            assertThat(read.delaySeconds()).isEqualTo(will.delaySeconds());
            assertSame(read.message(), will.message(), "will " + i);
            JournalRecord.State second = (JournalRecord.State) in.next();
            assertSame(((DurableState.RetainedState) second.state()).message(), retained, "retained " + i);
        }
    }

    @Test
    void cursor_unknownTypeOrLength_isABug() {
        assertThatThrownBy(() ->
                        new RecordCursor(new byte[] {99, 0}, 0, 2, 0, new RecentTopics(RecordCursor.TOPICS)).next())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("unknown type 99");
        assertThatThrownBy(() ->
                        new RecordCursor(new byte[] {2, 50}, 0, 2, 0, new RecentTopics(RecordCursor.TOPICS)).next())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("claims 50 bytes");
    }

    private RecordCursor cursor() {
        return new RecordCursor(out.array(), 0, out.length(), TIME, new RecentTopics(RecordCursor.TOPICS));
    }
}
