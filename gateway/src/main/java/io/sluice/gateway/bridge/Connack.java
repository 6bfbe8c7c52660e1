// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.topic.Qos;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads upstream's CONNACK before Paho does (MQTT 5.0 section 3.2), and blunts in place what Paho 1.2.5 misreads:
 *
 * <ul>
 *   <li>the receive maximum is read as a signed short, so that 32,768 and more become negative and nothing can be published;
 *   <li>the maximum packet size is applied to what upstream sends, not to what is sent to it;
 *   <li>a topic alias maximum makes Paho use aliases, counted in an int that overflows on a long-lived connection.
 * </ul>
 *
 * The true values are in {@link #terms}; the bridge keeps to them itself.
 */
final class Connack {

    private static final int TYPE = 0x20;
    private static final int RECEIVE_MAXIMUM_READABLE = 0x7FFF;

    private boolean sessionPresent;
    private int reason;
    private String reasonString = "";
    private int receiveMaximum = 65_535;
    private Qos maximumQos = Qos.EXACTLY_ONCE;
    private boolean retainAvailable = true;
    private long maximumPacketSize = 0xFFFF_FFFFL;
    private boolean subscriptionIdentifiers = true;

    private Connack() {}

    /** Whether a packet that begins with this byte is a CONNACK. */
    static boolean begins(int first) {
        return first == TYPE;
    }

    /**
     * Reads and blunts.
     *
     * @param body what follows the fixed header; changed in place, its length never
     */
    static Connack read(byte[] body) {
        Connack connack = new Connack();
        ByteBuffer in = ByteBuffer.wrap(body);
        if (in.remaining() < 2) {
            return connack;
        }
        connack.sessionPresent = (in.get() & 1) == 1;
        connack.reason = in.get() & 0xFF;
        skipLength(in);
        while (in.hasRemaining() && connack.property(in)) {
            // Each property moves on by itself; one that is unknown ends the walk, and Paho has its say.
        }
        return connack;
    }

    private static void skipLength(ByteBuffer in) {
        while (in.hasRemaining() && (in.get() & 0x80) != 0) {
            // The value does not matter: the properties end with the packet.
        }
    }

    private boolean property(ByteBuffer in) {
        int id = in.get() & 0xFF;
        int need = switch (id) {
            case 0x24, 0x25, 0x28, 0x29, 0x2A -> 1;
            case 0x13, 0x21, 0x22 -> 2;
            case 0x11, 0x27 -> 4;
            case 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F -> textBytes(in, 0);
            case 0x26 -> textBytes(in, textBytes(in, 0));
            default -> Integer.MAX_VALUE;
        };
        if (need > in.remaining()) {
            return false;
        }
        int at = in.position();
        switch (id) {
            case 0x21 -> receiveMaximum(in, at);
            case 0x22 -> in.putShort(at, (short) 0);
            case 0x24 -> maximumQos = in.get(at) == 0 ? Qos.AT_MOST_ONCE : Qos.AT_LEAST_ONCE;
            case 0x25 -> retainAvailable = in.get(at) != 0;
            case 0x27 -> maximumPacketSize(in, at);
            case 0x29 -> subscriptionIdentifiers = in.get(at) != 0;
            case 0x1F -> reasonString = text(in, at + 2, need - 2);
            default -> {} // of no interest here
        }
        in.position(at + need);
        return true;
    }

    private static String text(ByteBuffer in, int at, int bytes) {
        byte[] text = new byte[bytes];
        in.get(at, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private void receiveMaximum(ByteBuffer in, int at) {
        receiveMaximum = Math.max(1, in.getShort(at) & 0xFFFF);
        in.putShort(at, (short) Math.min(receiveMaximum, RECEIVE_MAXIMUM_READABLE));
    }

    private void maximumPacketSize(ByteBuffer in, int at) {
        maximumPacketSize = in.getInt(at) & 0xFFFF_FFFFL;
        in.putInt(at, -1);
    }

    /** Bytes from the position on up to the end of the text that begins {@code skip} bytes further. */
    private static int textBytes(ByteBuffer in, int skip) {
        int at = in.position() + skip;
        return skip > in.remaining() || in.limit() - at < 2 ? Integer.MAX_VALUE : skip + 2 + (in.getShort(at) & 0xFFFF);
    }

    /** The reason code, 0 to 255. */
    int reason() {
        return reason;
    }

    /** The reason string, empty if there is none. */
    String reasonString() {
        return reasonString;
    }

    /** What upstream offers, as it said it; Paho counts no more than 32,767 messages under way. */
    Terms terms() {
        return new Terms(
                sessionPresent,
                Math.min(receiveMaximum, RECEIVE_MAXIMUM_READABLE),
                maximumQos,
                retainAvailable,
                maximumPacketSize,
                subscriptionIdentifiers);
    }
}
