// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.netty.buffer.ByteBuf;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes packets out of the bytes of one connection: MQTT 5.0 and 3.1.1, in place, and nothing that the specification forbids.
 *
 * <p>One per connection, on the thread of the connection. Memory is bounded: a packet is judged by the length it announces before
 * it is buffered, and topics and aliases are remembered up to fixed limits. After a {@link ProtocolException} the reader is of no
 * more use, and the connection is to be closed, unless {@link #passOver} helps.
 */
public final class PacketReader {

    private static final int HEADER_BYTES_MAX = 5;

    private final Sender sender;
    private final int packetBytesMax;
    private final PacketInput input = new PacketInput();
    private final ConnectReader connect;
    private final PublishReader publish;
    private final ReasonReader reasons;
    private @Nullable ProtocolVersion version;
    private boolean connected;
    /** The beginning of a packet in a buffer without an array. */
    private final byte[] head = new byte[HEADER_BYTES_MAX];
    /** The last packet's remaining length (section 2.1.4). */
    private int remaining;
    /** Where the last packet's body stands in its buffer; 0 to 0 if it was not whole. */
    private int bodyAt;

    private int bodyEnd;

    private PacketReader(
            Sender sender, @Nullable ProtocolVersion version, int packetBytesMax, LongSupplier clock, Room room) {
        this.sender = sender;
        this.version = version;
        this.packetBytesMax = packetBytesMax;
        this.connect = new ConnectReader(clock);
        this.publish = new PublishReader(sender, clock, room);
        this.reasons = new ReasonReader(sender);
    }

    /**
     * Reads what a client sends to a server; the version is learnt from CONNECT.
     *
     * @param packetBytesMax the longest packet that is taken, fixed header included, at least 2
     * @param clock gives {@link io.sluice.gateway.message.Message#receivedAt()}
     */
    public static PacketReader forServer(int packetBytesMax, LongSupplier clock) {
        return forServer(packetBytesMax, clock, Room.ENOUGH);
    }

    /** @param room for what is remembered of topics */
    public static PacketReader forServer(int packetBytesMax, LongSupplier clock, Room room) {
        return new PacketReader(Sender.CLIENT, null, packetBytesMax, clock, room);
    }

    /** Reads what a server sends to a client that has sent a CONNECT of this version; the rest as in {@link #forServer}. */
    public static PacketReader forClient(ProtocolVersion version, int packetBytesMax, LongSupplier clock) {
        return new PacketReader(Sender.SERVER, version, packetBytesMax, clock, Room.ENOUGH);
    }

    /**
     * How many topic aliases the peer may use, 0 (from the start) to 65,535: what was announced in CONNACK, or by a client in
     * CONNECT.
     */
    public void topicAliasMaximum(int aliases) {
        publish.aliases().maximum(aliases);
    }

    /** Whether a payload that is said to be UTF-8 and is not is refused; from the start it is. */
    public void checkPayloadFormat(boolean check) {
        publish.checkPayloadFormat(check);
        connect.checkPayloadFormat(check);
    }

    /**
     * The version in which the peer can be answered. Empty until CONNECT has told it; a refused CONNECT may have done so. After an
     * unsupported one it is the nearest that the peer may understand.
     */
    public Optional<ProtocolVersion> version() {
        return Optional.ofNullable(version != null ? version : connect.version());
    }

    /**
     * The next packet, from the buffer's reader index on, which then stands behind it. Without a copy if the buffer has an array.
     *
     * @return null, with the reader index where it was, while the packet is not whole
     * @throws ProtocolException if the peer broke the protocol, as soon as that can be seen; the reader index is where it was
     */
    public @Nullable Packet next(ByteBuf in) throws ProtocolException {
        bodyEnd = 0;
        int start = in.readerIndex();
        int readable = in.readableBytes();
        if (in.hasArray()) {
            int from = in.arrayOffset() + start;
            int headerBytes = header(in.array(), from, readable);
            return isWhole(start, headerBytes, readable) ? read(in, in.array(), from, from + headerBytes) : null;
        }
        int headBytes = Math.min(head.length, readable);
        in.getBytes(start, head, 0, headBytes);
        int headerBytes = header(head, 0, headBytes);
        if (!isWhole(start, headerBytes, readable)) {
            return null;
        }
        byte[] packet = new byte[headerBytes + remaining];
        in.getBytes(start, packet);
        return read(in, packet, 0, headerBytes);
    }

    private boolean isWhole(int start, int headerBytes, int readable) {
        if (headerBytes == 0 || readable - headerBytes < remaining) {
            return false;
        }
        bodyAt = start + headerBytes;
        bodyEnd = bodyAt + remaining;
        return true;
    }

    /** Reads the fixed header, if it is whole: its length, or 0. What {@link #remaining} is stands there. */
    private int header(byte[] bytes, int from, int readable) throws ProtocolException {
        if (readable == 0) {
            return 0;
        }
        int first = bytes[from] & 0xFF;
        if (!connected || first >>> 4 != 3) {
            checkFixedHeader(first);
        }
        remaining = 0;
        for (int i = 1; i < readable; i++) {
            int digit = bytes[from + i];
            remaining |= (digit & 0x7F) << (7 * i - 7);
            if (digit >= 0) {
                checkRemainingLength(digit, remaining, i + 1);
                return i + 1;
            }
            if (i == HEADER_BYTES_MAX - 1) {
                throw Refusal.malformed("MQTT-1.5.5-1", "remaining length exceeds four bytes");
            }
        }
        return 0;
    }

    private Packet read(ByteBuf in, byte[] bytes, int from, int body) throws ProtocolException {
        input.open(bytes, body, body + remaining);
        try {
            Packet packet = read(bytes[from] & 0xFF);
            if (input.hasMore()) {
                throw Refusal.malformed(
                        Refusal.UNNUMBERED, "%d bytes too many in the packet".formatted(input.remaining()));
            }
            in.readerIndex(bodyEnd);
            return packet;
        } finally {
            input.close();
        }
    }

    /**
     * Passes over a PUBLISH from a server that was refused for what is in it, such as its topic name, so that one message does not
     * end a connection over which the server would send it again and again. With QoS 2 it cannot be helped.
     *
     * @param refusal what {@link #next} has just thrown
     * @return its packet identifier, 0 with QoS 0; empty, with the reader index where it was, if the refusal stands
     */
    public OptionalInt passOver(ByteBuf in, ProtocolException refusal) {
        if (sender != Sender.SERVER || bodyEnd == 0 || refusal.reason() == ReasonCode.TOPIC_ALIAS_INVALID) {
            return OptionalInt.empty(); // a broken alias is the server's fault, and the message may be a good one
        }
        int first = in.getUnsignedByte(in.readerIndex());
        int qos = first >>> 1 & 0b11;
        if (first >>> 4 != 3 || qos > 1 || bodyEnd - bodyAt < 2) {
            return OptionalInt.empty();
        }
        int packetIdAt = bodyAt + 2 + in.getUnsignedShort(bodyAt);
        int packetId = qos > 0 && packetIdAt + 2 <= bodyEnd ? in.getUnsignedShort(packetIdAt) : 0;
        if (packetIdAt > bodyEnd || (qos > 0 && packetId == 0)) {
            return OptionalInt.empty();
        }
        in.readerIndex(bodyEnd);
        return OptionalInt.of(packetId);
    }

    private void checkRemainingLength(int lastDigit, int remaining, int headerBytes) throws ProtocolException {
        if (lastDigit == 0 && headerBytes > 2) {
            throw Refusal.malformed("MQTT-1.5.5-1", "remaining length takes more bytes than it needs");
        }
        if (remaining > packetBytesMax - headerBytes) {
            throw new ProtocolException(
                    ReasonCode.PACKET_TOO_LARGE,
                    sender == Sender.CLIENT ? "MQTT-3.2.2-15" : "MQTT-3.1.2-24",
                    "packet must not exceed %d bytes, announces %d".formatted(packetBytesMax, headerBytes + remaining));
        }
    }

    /** What the first byte alone can break. */
    private void checkFixedHeader(int first) throws ProtocolException {
        int type = first >>> 4;
        Place place = Place.ofType(type);
        if (!connected) {
            checkFirstPacket(type);
        } else if (place == Place.CONNECT && sender == Sender.CLIENT) {
            throw Refusal.protocolError("MQTT-3.1.0-2", "a second CONNECT");
        } else if (place == Place.CONNACK && sender == Sender.SERVER) {
            throw Refusal.protocolError("MQTT-3.2.0-2", "a second CONNACK");
        }
        if (place == null || (place == Place.AUTH && version == ProtocolVersion.MQTT_3_1_1)) {
            throw Refusal.malformed(Refusal.UNNUMBERED, "packet type " + type + " is reserved");
        }
        boolean allowed = place.mayComeFrom(sender);
        if (place == Place.DISCONNECT && sender == Sender.SERVER) {
            allowed = version == ProtocolVersion.MQTT_5;
        }
        if (!allowed) {
            throw Refusal.protocolError(
                    Refusal.UNNUMBERED, "%s from a %s".formatted(place, sender == Sender.CLIENT ? "client" : "server"));
        }
        if (!place.allowsFlags(first & 0x0F)) {
            throw Refusal.malformed(place.flagsStatement(), "%s must not begin with 0x%02X".formatted(place, first));
        }
    }

    private void checkFirstPacket(int type) throws ProtocolException {
        if (sender == Sender.CLIENT) {
            if (type != 1) {
                throw Refusal.protocolError("MQTT-3.1.0-1", "CONNECT must come first, found packet type " + type);
            }
        } else if (type != 2 && type != 15) {
            throw Refusal.protocolError("MQTT-3.2.0-1", "CONNACK must come first, found packet type " + type);
        }
    }

    private Packet read(int first) throws ProtocolException {
        ProtocolVersion spoken = version;
        if (spoken == null) {
            Packet.Connect packet = connect.read(input);
            version = packet.version();
            reasons.connected(packet.properties());
            connected = true;
            return packet;
        }
        return switch (first >>> 4) {
            case 3 -> publish.read(input, first, spoken);
            case 4 -> reasons.acknowledgement(input, Place.PUBACK, spoken);
            case 5 -> reasons.acknowledgement(input, Place.PUBREC, spoken);
            case 6 -> reasons.acknowledgement(input, Place.PUBREL, spoken);
            case 7 -> reasons.acknowledgement(input, Place.PUBCOMP, spoken);
            case 8 -> SubscribeReader.subscribe(input, spoken);
            case 10 -> SubscribeReader.unsubscribe(input, spoken);
            case 12 -> new Packet.Pingreq();
            case 13 -> new Packet.Pingresp();
            case 14 -> reasons.disconnect(input, spoken);
            case 15 -> reasons.auth(input);
            default -> readAnswer(first, spoken);
        };
    }

    private Packet readAnswer(int first, ProtocolVersion spoken) throws ProtocolException {
        return switch (first >>> 4) {
            case 2 -> {
                Packet.Connack packet = AnswerReader.connack(input, spoken);
                connected = true;
                yield packet;
            }
            case 9 -> AnswerReader.suback(input, spoken);
            case 11 -> AnswerReader.unsuback(input, spoken);
            default -> throw new IllegalStateException("packet type " + (first >>> 4) + " was admitted");
        };
    }
}
