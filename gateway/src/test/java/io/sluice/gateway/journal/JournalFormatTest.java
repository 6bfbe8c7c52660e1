// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes on disk, written out: what is read here must stay readable. */
final class JournalFormatTest {

    @Test
    void segmentHeader_bytes_areAsDrawn() {
        ByteBuffer out = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
        JournalFormat.SegmentHeader header =
                new JournalFormat.SegmentHeader(1, 7, 0x0102030405060708L, 0x090A0B0C0D0E0F10L, 0x11223344);
        header.write(out);
        assertThat(hex(out))
                .isEqualTo("534c554943454a31" + "0001" + "0000" + "0000000000000007"
                        + "0102030405060708090a0b0c0d0e0f10" + "11223344" + "5a2861a5");
        assertThat(JournalFormat.SegmentHeader.read(out.flip())).isEqualTo(header);
    }

    @Test
    void frame_bytes_areAsDrawn() {
        Batch batch = batch(false);
        ByteBuffer out = ByteBuffer.allocate(batch.frameBytes());
        batch.write(out, 4);
        assertThat(hex(out))
                .isEqualTo("53424154" + "11223344" + "0000000000000005" + "0000000000000004" + "000001941f297c00"
                        + "00000005" + "30d2b7c9" + "55088fc7" + "02" + "03" + "07" + "00" + "03");
        JournalFormat.FrameHeader header = JournalFormat.FrameHeader.read(out.flip());
        assertThat(header).isNotNull();
        assertThat(header.isFooter()).isFalse();
        assertThat(header.bodyBytes()).isEqualTo(5);
    }

    @Test
    void footer_bytes_endInTheTrailer() {
        Batch batch = batch(true);
        ByteBuffer out = ByteBuffer.allocate(batch.frameBytes());
        batch.write(out, 4);
        assertThat(hex(out)).startsWith("53464f4f").endsWith("53545241" + "00000064" + "368e0501");
    }

    private static Batch batch(boolean footer) {
        Batch batch = new Batch();
        batch.begin(5, 1_735_689_600_000L);
        batch.place(new Batch.Place(new Segment(7, 0x11223344, 1), 100, footer));
        batch.records().settled(7, 0, 3);
        return batch;
    }

    @Test
    void records_bytes_areAsDrawn() {
        RecordBuffer out = new RecordBuffer(16);
        Message message = Message.of(
                new TopicName("a/b"),
                Qos.EXACTLY_ONCE,
                true,
                MessageProperties.builder().contentType("t").build(),
                60,
                998,
                Payload.ofText("hi"));
        Receivers receivers = new Receivers();
        receivers.add(300, 5, Qos.AT_LEAST_ONCE, true, List.of(1, 200));
        out.message(message, 1_000, receivers, 9, 0x1234, 2, 1);
        assertThat(hex(out))
                .isEqualTo("01" + "1c" // MESSAGE of 28 bytes
                        + "7e" + "03" + "3c" + "09" + "1234" + "02"
                        + "01" // flags, age, expiry, from, packet id, numbers
                        + "01" + "ac02" + "05" + "0d" + "02" + "01" + "c801" // one receiver with two identifiers
                        + "03" + "04" + "612f62" + "03000174" + "6869");
        out.clear();
        out.settled(1, 2, 5);
        out.reserved(1, 4096);
        out.released(1, 3);
        out.received(1, 0xFFFF);
        out.completed(1, 2);
        out.state(3, 0, new DurableState.BridgeState(5, "b", "r"));
        out.removed(1, new long[] {3, 4});
        assertThat(hex(out))
                .isEqualTo("0203010203" + "0303018020" + "04020103" + "050301ffff" + "0603010002" + "0708030003050162"
                        + "0172" + "080401020304");
    }

    @Test
    void fileName_andNumber_areEachOther() {
        assertThat(JournalFormat.fileName(17)).isEqualTo("0000000017.sluice");
        assertThat(JournalFormat.segmentNumber("0000000017.sluice")).isEqualTo(17);
        for (String other :
                List.of("lock", "0000000017.sluice.new", "0000000017.sluice.damaged", "-000000017.sluice")) {
            assertThat(JournalFormat.segmentNumber(other)).as(other).isEqualTo(-1);
        }
    }

    @Test
    void headers_anyBitFlipped_areNotBelieved() {
        ByteBuffer segment = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
        new JournalFormat.SegmentHeader(1, 7, 1, 2, 3).write(segment);
        ByteBuffer frame = ByteBuffer.allocate(batch(false).frameBytes());
        batch(false).write(frame, 4);
        for (int bit = 0; bit < 8 * JournalFormat.HEADER_BYTES; bit++) {
            assertThat(JournalFormat.SegmentHeader.read(flipped(segment, bit)))
                    .as("bit %d", bit)
                    .isNull();
            assertThat(JournalFormat.FrameHeader.read(flipped(frame, bit)))
                    .as("bit %d", bit)
                    .isNull();
        }
    }

    private static ByteBuffer flipped(ByteBuffer bytes, int bit) {
        byte[] copy = bytes.array().clone();
        copy[bit / 8] ^= (byte) (1 << bit % 8);
        return ByteBuffer.wrap(copy);
    }

    private static String hex(ByteBuffer out) {
        return HexFormat.of().formatHex(out.array(), 0, out.position());
    }

    private static String hex(RecordBuffer out) {
        return HexFormat.of().formatHex(Arrays.copyOf(out.array(), out.length()));
    }
}
