// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.RecentTopics;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the records of one batch, whose checksum has been found right. {@link RecordBuffer} draws them. Anything that does not fit
 * is a {@link RuntimeException}: it was written so. Whatever the bytes are, nothing beyond the end is read, and no more is allocated
 * than they could be worth.
 */
final class RecordCursor {

    /** Topic names that are remembered. */
    static final int TOPICS = 64;

    /** Owner, sequence and flags. */
    private static final int RECEIVER_BYTES_MIN = 3;

    private final byte[] bytes;
    private final int end;
    private final long time;
    private final RecentTopics topics;
    private int at;

    /**
     * @param time the batch's time
     * @param end exclusive
     * @param topics names that may come again
     */
    RecordCursor(byte[] bytes, int from, int end, long time, RecentTopics topics) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
        this.time = time;
        this.topics = topics;
    }

    /** Where the next record begins in the bytes. */
    int position() {
        return at;
    }

    /** Copies what lies between two positions. */
    void copy(int from, int to, RecordBuffer out) {
        out.raw(Arrays.copyOfRange(bytes, from, to));
    }

    boolean hasNext() {
        return at < end;
    }

    /** The next record. One that is none is passed over: after the exception the next call gives the one behind it. */
    JournalRecord next() {
        int type;
        RecordCursor body;
        try {
            type = u8();
            body = part();
        } catch (IllegalStateException e) {
            at = end; // where the next one begins is not known
            throw e;
        }
        return body.body(type);
    }

    /** The body of one record, which is all there is before the end. */
    private JournalRecord body(int type) {
        return switch (type) {
            case RecordBuffer.MESSAGE -> stored();
            case RecordBuffer.SETTLED -> {
                long owner = varint();
                long from = varint();
                yield new JournalRecord.Settled(owner, from, from + varint());
            }
            case RecordBuffer.RESERVED -> new JournalRecord.Reserved(varint(), varint());
            case RecordBuffer.RELEASED -> new JournalRecord.Released(varint(), varint());
            case RecordBuffer.RECEIVED -> new JournalRecord.Received(varint(), u16());
            case RecordBuffer.COMPLETED -> new JournalRecord.Completed(varint(), u16());
            case RecordBuffer.STATE -> new JournalRecord.State(varint(), varint(), StateFormat.read(this));
            case RecordBuffer.REMOVED -> new JournalRecord.Removed(varint(), numbers());
            case RecordBuffer.NOTED ->
                new JournalRecord.Noted(new TimeNote(varint(), text(), varint(), varint(), varint()));
            default -> throw new IllegalStateException("record at " + at + " has the unknown type " + type);
        };
    }

    private JournalRecord stored() {
        int flags = u8();
        long zigzag = varint();
        long receivedAt = time + ((zigzag >>> 1) ^ -(zigzag & 1));
        long expiry = (flags & RecordBuffer.FLAG_EXPIRY) != 0 ? varint() : Message.NEVER;
        long receivedFrom = 0;
        int packetId = 0;
        if ((flags & RecordBuffer.FLAG_RECEIVED) != 0) {
            receivedFrom = varint();
            packetId = u16();
        }
        long retainedNumber = (flags & RecordBuffer.FLAG_RETAINED_NUMBER) != 0 ? varint() : 0;
        long replacedNumber = (flags & RecordBuffer.FLAG_REPLACED_NUMBER) != 0 ? varint() : 0;
        List<JournalRecord.Receiver> receivers = receivers();
        int contentAt = at;
        JournalRecord.Content content = () -> {
            RecordCursor cursor = new RecordCursor(bytes, contentAt, end, time, topics);
            Qos qos = Qos.of(flags & 3);
            return cursor.content(qos, (flags & RecordBuffer.FLAG_RETAIN) != 0, expiry, receivedAt);
        };
        return new JournalRecord.Stored(receivers, receivedFrom, packetId, retainedNumber, replacedNumber, content);
    }

    /** Topic, properties and payload: the rest up to the end. */
    Message content(Qos qos, boolean retain, long expirySeconds, long receivedAt) {
        int topicBytes = count(0);
        int propertiesBytes = count(0);
        if (topicBytes > end - at - propertiesBytes) {
            throw new IllegalStateException("content at %d claims %d bytes of topic and %d of properties, %d are left"
                    .formatted(at, topicBytes, propertiesBytes, end - at));
        }
        byte[] content = Arrays.copyOfRange(bytes, at, end);
        at = end;
        TopicName topic = topics.name(content, topicBytes, RecordCursor::topicName);
        return Message.encoded(topic, qos, retain, expirySeconds, receivedAt, content, topicBytes, propertiesBytes);
    }

    private static TopicName topicName(byte[] bytes, int length) {
        return new TopicName(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    private List<JournalRecord.Receiver> receivers() {
        int count = count(RECEIVER_BYTES_MIN);
        if (count == 1) {
            return List.of(receiver());
        }
        List<JournalRecord.Receiver> receivers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            receivers.add(receiver());
        }
        return receivers;
    }

    private JournalRecord.Receiver receiver() {
        long owner = varint();
        long sequence = varint();
        int flags = u8();
        List<Integer> ids = List.of();
        if ((flags & RecordBuffer.FLAG_IDENTIFIERS) != 0) {
            int count = count(1);
            ids = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                ids.add((int) varint());
            }
        }
        return new JournalRecord.Receiver(
                owner, sequence, Qos.of(flags & 3), (flags & RecordBuffer.FLAG_RETAIN) != 0, ids);
    }

    private List<Long> numbers() {
        int count = count(1);
        List<Long> numbers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            numbers.add(varint());
        }
        return numbers;
    }

    /** How many follow of something that takes so many bytes at least. */
    int count(int bytesEach) {
        long count = varint();
        if (count < 0 || count > Integer.MAX_VALUE || count * bytesEach > end - at) {
            throw new IllegalStateException(
                    "%d items are claimed at %d, %d bytes are left".formatted(count, at, end - at));
        }
        return (int) count;
    }

    /** Bytes of what follows. */
    private int length() {
        int from = at;
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new IllegalStateException(
                    "what begins at %d claims %d bytes, %d are left".formatted(from, length, end - at));
        }
        return (int) length;
    }

    int u8() {
        if (at >= end) {
            throw new IllegalStateException("nothing is left at " + at);
        }
        return bytes[at++] & 0xFF;
    }

    int u16() {
        return (u8() << 8) | u8();
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new IllegalStateException("varint at " + at + " does not end");
    }

    String text() {
        int length = length();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    /** A cursor over the next bytes, whose length stands before them. */
    RecordCursor part() {
        int length = length();
        RecordCursor part = new RecordCursor(bytes, at, at + length, time, topics);
        at += length;
        return part;
    }
}
