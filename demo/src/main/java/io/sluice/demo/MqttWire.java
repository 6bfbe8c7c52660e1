// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The few MQTT 5.0 packets that the demo's clients need, to bytes and back. It is written apart from the gateway's codec on purpose,
 * so that both cannot be wrong in the same way. Immutable functions, usable from any thread.
 */
final class MqttWire {

    private static final int PACKET_BYTES_MAX = 1 << 20;

    private MqttWire() {}

    /** What a server sends to the demo's clients. */
    sealed interface Incoming {

        /** @param reason 0 when the connection is accepted */
        record Connack(boolean sessionPresent, int reason) implements Incoming {}

        /** @param packetId 0 with QoS 0 */
        record Publish(String topic, String payload, int qos, int packetId, boolean dup) implements Incoming {}

        /** @param reason below 0x80 when the server has taken the message */
        record Puback(int packetId, int reason) implements Incoming {}

        /** @param reason the first filter's; below 0x80 when it was granted */
        record Suback(int packetId, int reason) implements Incoming {}

        record Pingresp() implements Incoming {}

        record Disconnect(int reason) implements Incoming {}
    }

    /** @param sessionExpirySeconds 0 ends the session with the connection */
    static byte[] connect(String clientId, boolean cleanStart, int keepAliveSeconds, int sessionExpirySeconds) {
        return packet(0x10, body -> {
            writeText(body, "MQTT");
            body.writeByte(5);
            body.writeByte(cleanStart ? 0x02 : 0x00);
            body.writeShort(keepAliveSeconds);
            body.writeByte(5); // the length of the properties: one, the session expiry interval
            body.writeByte(0x11);
            body.writeInt(sessionExpirySeconds);
            writeText(body, clientId);
        });
    }

    /** A PUBLISH with QoS 1. */
    static byte[] publish(String topic, String payload, int packetId, boolean dup) {
        return packet(dup ? 0x3A : 0x32, body -> {
            writeText(body, topic);
            body.writeShort(packetId);
            body.writeByte(0); // no properties
            body.write(payload.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** A SUBSCRIBE to one filter with QoS 1. */
    static byte[] subscribe(int packetId, String filter) {
        return packet(0x82, body -> {
            body.writeShort(packetId);
            body.writeByte(0); // no properties
            writeText(body, filter);
            body.writeByte(1);
        });
    }

    static byte[] puback(int packetId) {
        return packet(0x40, body -> body.writeShort(packetId));
    }

    static byte[] pingreq() {
        return packet(0xC0, body -> {});
    }

    static byte[] disconnect() {
        return packet(0xE0, body -> {});
    }

    /**
     * Blocks until one packet is whole.
     *
     * @throws EOFException at the end of the stream
     * @throws IOException for a packet that the demo did not ask for
     */
    static Incoming read(DataInputStream in) throws IOException {
        int header = in.readUnsignedByte();
        int length = readVariableInt(in);
        if (length > PACKET_BYTES_MAX) {
            throw new IOException("a packet of " + length + " bytes, the demo takes up to " + PACKET_BYTES_MAX);
        }
        ByteBuffer body = ByteBuffer.wrap(in.readNBytes(length));
        if (body.remaining() < length) {
            throw new EOFException("the connection ended within a packet");
        }
        return switch (header >> 4) {
            case 2 -> new Incoming.Connack((body.get() & 1) == 1, body.get() & 0xFF);
            case 3 -> readPublish(header, body);
            case 4 -> new Incoming.Puback(body.getShort() & 0xFFFF, body.hasRemaining() ? body.get() & 0xFF : 0);
            case 9 -> readSuback(body);
            case 13 -> new Incoming.Pingresp();
            case 14 -> new Incoming.Disconnect(body.hasRemaining() ? body.get() & 0xFF : 0);
            default -> throw new IOException("a packet of type " + (header >> 4) + ", which the demo never asked for");
        };
    }

    private static Incoming readPublish(int header, ByteBuffer body) {
        byte[] topic = new byte[body.getShort() & 0xFFFF];
        body.get(topic);
        int qos = (header >> 1) & 3;
        int packetId = qos == 0 ? 0 : body.getShort() & 0xFFFF;
        skipProperties(body);
        byte[] payload = new byte[body.remaining()];
        body.get(payload);
        return new Incoming.Publish(
                new String(topic, StandardCharsets.UTF_8),
                new String(payload, StandardCharsets.UTF_8),
                qos,
                packetId,
                (header & 8) != 0);
    }

    private static Incoming readSuback(ByteBuffer body) {
        int packetId = body.getShort() & 0xFFFF;
        skipProperties(body);
        return new Incoming.Suback(packetId, body.get() & 0xFF);
    }

    private static void skipProperties(ByteBuffer body) {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int digit = body.get();
            length |= (digit & 0x7F) << shift;
            if (digit >= 0) {
                break;
            }
        }
        body.position(body.position() + length);
    }

    private static int readVariableInt(DataInputStream in) throws IOException {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = in.readUnsignedByte();
            value |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                return value;
            }
        }
        throw new IOException("a remaining length of more than four bytes");
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static byte[] packet(int header, Body body) {
        try {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            body.writeTo(new DataOutputStream(content));
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            packet.write(header);
            int rest = content.size();
            while (rest > 0x7F) {
                packet.write((rest & 0x7F) | 0x80);
                rest >>= 7;
            }
            packet.write(rest);
            content.writeTo(packet);
            return packet.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
    }

    private interface Body {
        void writeTo(DataOutputStream out) throws IOException;
    }
}
