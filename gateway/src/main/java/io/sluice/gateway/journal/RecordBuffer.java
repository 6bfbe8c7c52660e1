// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import java.util.Arrays;
import java.util.List;

/**
 * A growing run of records, written once and handed to the writer. Each record is {@code | type u8 | bytes varint | body |}:
 *
 * <pre>
 * MESSAGE    | flags u8 | received at, from the batch's time, zigzag varint | expiry varint, if flagged |
 *            | owner varint, packet identifier u16, if it came with QoS 2 | retained number varint, if flagged |
 *            | replaced number varint, if flagged | receivers varint | receiver... | topic bytes varint | properties bytes varint |
 *            | topic | properties | payload |
 * receiver   | owner varint | sequence varint | QoS and flags u8 | identifiers varint, identifier varint..., if flagged |
 * SETTLED    | owner varint | from varint | count varint |
 * RESERVED   | owner varint | bound varint |
 * RELEASED   | owner varint | sequence varint |
 * RECEIVED   | owner varint | packet identifier u16 |
 * COMPLETED  | owner varint | packet identifier u16 |
 * STATE      | number varint | replaced number varint | state |
 * REMOVED    | owner varint | count varint | number varint... |
 * NOTED      | journal's clock varint | boot, as text | uptime varint | journal's clock varint and wall clock varint when trusted |
 * </pre>
 */
final class RecordBuffer {

    static final int MESSAGE = 1;
    static final int SETTLED = 2;
    static final int RESERVED = 3;
    static final int RELEASED = 4;
    static final int RECEIVED = 5;
    static final int COMPLETED = 6;
    static final int STATE = 7;
    static final int REMOVED = 8;
    static final int NOTED = 9;

    static final int FLAG_RETAIN = 4;
    static final int FLAG_EXPIRY = 8;
    static final int FLAG_RECEIVED = 16;
    static final int FLAG_RETAINED_NUMBER = 32;
    static final int FLAG_REPLACED_NUMBER = 64;
    static final int FLAG_IDENTIFIERS = 8;

    /** The length of a body, as varint. */
    private static final int LENGTH_BYTES_MAX = 5;

    /** For a body that has seldom more. */
    private static final int SMALL = 32;

    /** What a message with one receiver has, about, beside its topic, properties and payload. */
    private static final int BESIDE_CONTENT = 14;

    private byte[] bytes;
    private int length;

    RecordBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** The array behind the buffer; what has been written begins at 0. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /**
     * Writes a message record.
     *
     * @param time the batch's time
     * @param receivedFrom the owner of the QoS 2 packet identifier it came with, or 0
     * @param retainedNumber the state number under which it is the topic's retained message, or 0
     * @param replacedNumber the number of the retained message it replaces, or 0
     */
    void message(
            Message message,
            long time,
            Receivers receivers,
            long receivedFrom,
            int packetId,
            long retainedNumber,
            long replacedNumber) {
        int expected = message.bytes().length + BESIDE_CONTENT;
        int start = begin(MESSAGE, expected);
        boolean expires = message.expirySeconds() != Message.NEVER;
        u8(message.qos().level()
                | (message.retain() ? FLAG_RETAIN : 0)
                | (expires ? FLAG_EXPIRY : 0)
                | (receivedFrom != 0 ? FLAG_RECEIVED : 0)
                | (retainedNumber != 0 ? FLAG_RETAINED_NUMBER : 0)
                | (replacedNumber != 0 ? FLAG_REPLACED_NUMBER : 0));
        long age = message.receivedAt() - time;
        varint((age << 1) ^ (age >> 63));
        if (expires) {
            varint(message.expirySeconds());
        }
        if (receivedFrom != 0) {
            varint(receivedFrom);
            u16(packetId);
        }
        if (retainedNumber != 0) {
            varint(retainedNumber);
        }
        if (replacedNumber != 0) {
            varint(replacedNumber);
        }
        varint(receivers.count());
        for (int i = 0; i < receivers.count(); i++) {
            receiver(receivers, i);
        }
        content(message);
        end(start, expected);
    }

    private void receiver(Receivers receivers, int i) {
        List<Integer> ids = receivers.subscriptionIds(i);
        varint(receivers.owner(i));
        varint(receivers.sequence(i));
        u8(receivers.qos(i).level() | (receivers.retain(i) ? FLAG_RETAIN : 0) | (ids.isEmpty() ? 0 : FLAG_IDENTIFIERS));
        if (!ids.isEmpty()) {
            varint(ids.size());
            for (int id : ids) {
                varint(id);
            }
        }
    }

    /** Topic, properties and payload, with their lengths but the last, which is what remains. */
    void content(Message message) {
        varint(message.topicBytes());
        varint(message.propertiesBytes());
        raw(message.bytes());
    }

    void settled(long owner, long from, long to) {
        int start = begin(SETTLED, SMALL);
        varint(owner);
        varint(from);
        varint(to - from);
        end(start, SMALL);
    }

    void reserved(long owner, long bound) {
        ownedNumber(RESERVED, owner, bound);
    }

    void released(long owner, long sequence) {
        ownedNumber(RELEASED, owner, sequence);
    }

    private void ownedNumber(int type, long owner, long number) {
        int start = begin(type, SMALL);
        varint(owner);
        varint(number);
        end(start, SMALL);
    }

    void received(long owner, int packetId) {
        ownedPacketId(RECEIVED, owner, packetId);
    }

    void completed(long owner, int packetId) {
        ownedPacketId(COMPLETED, owner, packetId);
    }

    private void ownedPacketId(int type, long owner, int packetId) {
        int start = begin(type, SMALL);
        varint(owner);
        u16(packetId);
        end(start, SMALL);
    }

    void state(long number, long replaced, DurableState state) {
        int start = begin(STATE, SMALL);
        varint(number);
        varint(replaced);
        StateFormat.write(state, this);
        end(start, SMALL);
    }

    void removed(long owner, long[] numbers) {
        int start = begin(REMOVED, SMALL);
        varint(owner);
        varint(numbers.length);
        for (long number : numbers) {
            varint(number);
        }
        end(start, SMALL);
    }

    void noted(TimeNote note) {
        int start = begin(NOTED, SMALL);
        varint(note.journal());
        text(note.bootId());
        varint(note.uptime());
        varint(note.trustedJournal());
        varint(note.trustedWall());
        end(start, SMALL);
    }

    /** @param expected how many bytes the body will have, about */
    private int begin(int type, int expected) {
        u8(type);
        int start = length;
        ensure(LENGTH_BYTES_MAX);
        length += varintBytes(expected);
        return start;
    }

    /** Sets the record's length, and moves the body where that takes more or less room than was expected. */
    private void end(int start, int expected) {
        int reserved = varintBytes(expected);
        int body = length - start - reserved;
        int needed = varintBytes(body);
        if (needed != reserved) {
            ensure(LENGTH_BYTES_MAX);
            System.arraycopy(bytes, start + reserved, bytes, start + needed, body);
        }
        length = start;
        varint(body);
        length = start + needed + body;
    }

    private static int varintBytes(long value) {
        return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    void u8(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    void u16(int value) {
        ensure(2);
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
    }

    void u32(int value) {
        u16(value >>> 16);
        u16(value);
    }

    void varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    void raw(byte[] from) {
        ensure(from.length);
        System.arraycopy(from, 0, bytes, length, from.length);
        length += from.length;
    }

    void text(String value) {
        byte[] encoded = value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        varint(encoded.length);
        raw(encoded);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
