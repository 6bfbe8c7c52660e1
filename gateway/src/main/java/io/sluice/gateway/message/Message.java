// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * What was published. Never changes; how one subscriber gets it is a delivery's matter.
 *
 * <p>Topic, properties and payload stand in one array in MQTT 5's own encoding, so that the journal stores and the sockets send
 * what is already there:
 *
 * <pre>
 * | topic, UTF-8 without length | properties, without length, message expiry, alias, identifiers | payload |
 * </pre>
 *
 * The message expiry interval stands apart because it counts down; topic alias and subscription identifiers belong to a
 * connection and a delivery. Usable from any thread, but for the count of the queues that hold it.
 */
public final class Message {

    /** {@link #expirySeconds()} of a message that never expires. */
    public static final long NEVER = -1;

    private final TopicName topic;
    private final Qos qos;
    private final boolean retain;
    private final long expirySeconds;
    private final long receivedAt;
    private final byte[] bytes;
    private final int topicBytes;
    private final int propertiesBytes;
    /** In how many queues it waits in memory; on the broker thread. */
    private int held;

    private Message(
            TopicName topic,
            Qos qos,
            boolean retain,
            long expirySeconds,
            long receivedAt,
            byte[] bytes,
            int topicBytes,
            int propertiesBytes) {
        this.topic = topic;
        this.qos = qos;
        this.retain = retain;
        this.expirySeconds = expirySeconds;
        this.receivedAt = receivedAt;
        this.bytes = bytes;
        this.topicBytes = topicBytes;
        this.propertiesBytes = propertiesBytes;
    }

    /**
     * A message over bytes that are already encoded and that the caller gives away.
     *
     * @param expirySeconds the message expiry interval, 0 to 4,294,967,295, or {@link #NEVER}
     * @param receivedAt when the gateway received it, in milliseconds of the journal's clock
     * @param bytes topic, properties and payload as the class comment draws them; never changed from here on
     */
    public static Message encoded(
            TopicName topic,
            Qos qos,
            boolean retain,
            long expirySeconds,
            long receivedAt,
            byte[] bytes,
            int topicBytes,
            int propertiesBytes) {
        return new Message(topic, qos, retain, expirySeconds, receivedAt, bytes, topicBytes, propertiesBytes);
    }

    /** A message from its parts; {@code receivedAt} as in {@link #encoded}. */
    public static Message of(
            TopicName topic,
            Qos qos,
            boolean retain,
            MessageProperties properties,
            long expirySeconds,
            long receivedAt,
            Payload payload) {
        byte[] name = topic.value().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[name.length + properties.length() + payload.length()];
        System.arraycopy(name, 0, bytes, 0, name.length);
        properties.copyTo(bytes, name.length);
        payload.asBuffer().get(bytes, name.length + properties.length(), payload.length());
        return new Message(topic, qos, retain, expirySeconds, receivedAt, bytes, name.length, properties.length());
    }

    public TopicName topic() {
        return topic;
    }

    public Qos qos() {
        return qos;
    }

    public boolean retain() {
        return retain;
    }

    /** The message expiry interval in seconds as it was published, or {@link #NEVER}. */
    public long expirySeconds() {
        return expirySeconds;
    }

    /** When the gateway received it, in milliseconds of the journal's clock. */
    public long receivedAt() {
        return receivedAt;
    }

    /**
     * What is left of the expiry interval: seconds, at least 0, or {@link #NEVER}.
     *
     * @param now milliseconds of the journal's clock
     */
    public long remainingSeconds(long now) {
        if (expirySeconds == NEVER) {
            return NEVER;
        }
        return Math.max(0, expirySeconds - Math.max(0, now - receivedAt) / 1_000);
    }

    /** The same for one of many: the clock is asked only if the answer depends on it. */
    public long remainingSeconds(LongSupplier clock) {
        return expirySeconds == NEVER ? NEVER : remainingSeconds(clock.getAsLong());
    }

    /** Whether the expiry interval has passed; the clock is asked only if the answer depends on it. */
    public boolean isExpired(LongSupplier clock) {
        return expirySeconds != NEVER && isExpired(clock.getAsLong());
    }

    /** Whether the expiry interval has passed [MQTT-3.3.2-5]. */
    public boolean isExpired(long now) {
        return expirySeconds != NEVER && now - receivedAt >= expirySeconds * 1_000;
    }

    public MessageProperties properties() {
        return MessageProperties.view(bytes, topicBytes, propertiesBytes);
    }

    public Payload payload() {
        return Payload.view(bytes, payloadOffset(), payloadBytes());
    }

    /** The one array, not to be changed: see the class comment. For the codec and the journal. */
    public byte[] bytes() {
        return bytes;
    }

    /** Length of the topic, which starts at 0. */
    public int topicBytes() {
        return topicBytes;
    }

    /** Length of the properties, which follow the topic. */
    public int propertiesBytes() {
        return propertiesBytes;
    }

    public int payloadOffset() {
        return topicBytes + propertiesBytes;
    }

    public int payloadBytes() {
        return bytes.length - topicBytes - propertiesBytes;
    }

    /** Whether it was published alike, whenever it was received. */
    public boolean isSameAs(Message other) {
        return qos == other.qos
                && retain == other.retain
                && expirySeconds == other.expirySeconds
                && topicBytes == other.topicBytes
                && propertiesBytes == other.propertiesBytes
                && Arrays.equals(bytes, other.bytes);
    }

    /** Counts one queue more that holds it in memory, for whoever keeps account; whether it is the first. On the broker thread. */
    public boolean hold() {
        return held++ == 0;
    }

    /** Counts one queue less; whether it was the last. On the broker thread. */
    public boolean letGo() {
        return --held == 0;
    }

    @Override
    public String toString() {
        return "Message[" + topic + " qos=" + qos.level() + (retain ? " retain" : "") + " payload=" + payload() + "]";
    }
}
