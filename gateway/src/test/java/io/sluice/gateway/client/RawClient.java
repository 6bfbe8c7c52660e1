// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.gateway.codec.PacketReader;
import io.sluice.gateway.codec.PacketWriter;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT client on a bare socket: it can send any bytes, answers nothing by itself, and hands out each packet as it comes. Blocking. One
 * thread may send while another receives.
 *
 * <p>What should come and does not come in time ends the test with an {@link AssertionError}.
 */
public final class RawClient implements AutoCloseable {

    /** Far longer than anything takes that is going to happen. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int PACKET_BYTES_MAX = 268_435_460;

    private final Socket socket;
    private final ProtocolVersion version;
    private final PacketReader reader;
    private final PacketWriter writer;
    private final ByteBuf in = Unpooled.buffer(1 << 12);
    private final ByteBuf out = Unpooled.buffer(1 << 10);
    private long bytesReceived;

    private RawClient(Socket socket, ProtocolVersion version) {
        this.socket = socket;
        this.version = version;
        this.reader = PacketReader.forClient(version, PACKET_BYTES_MAX, () -> 0);
        this.writer = new PacketWriter(version);
        reader.checkPayloadFormat(false); // what the gateway passes on is for the test to judge
    }

    /** A connection on which nothing has been said. */
    public static RawClient open(int port, ProtocolVersion version) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) PATIENCE.toMillis());
            return new RawClient(socket, version);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** A client on a connection that there is, on which no MQTT has been spoken. */
    public static RawClient over(Socket socket, ProtocolVersion version) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return new RawClient(socket, version);
    }

    /** A client of MQTT 5.0 without a session before or after it, connected. */
    public static RawClient connected(int port, String clientId) throws IOException {
        RawClient client = open(port, ProtocolVersion.MQTT_5);
        client.connect(clientId, true, 0);
        return client;
    }

    /** A client of MQTT 5.0 whose session never expires, connected. */
    public static RawClient durable(int port, String clientId) throws IOException {
        RawClient client = open(port, ProtocolVersion.MQTT_5);
        client.connect(clientId, false, ConnectProperties.NEVER_EXPIRES);
        return client;
    }

    /** Sends CONNECT without a will or a keep alive, and expects to be accepted. */
    public Packet.Connack connect(String clientId, boolean cleanStart, long sessionExpirySeconds) throws IOException {
        return connect(clientId, cleanStart, ConnectProperties.withExpiry(sessionExpirySeconds));
    }

    public Packet.Connack connect(String clientId, boolean cleanStart, ConnectProperties properties)
            throws IOException {
        reader.topicAliasMaximum(properties.topicAliasMaximum());
        send(new Packet.Connect(
                version, clientId, cleanStart, 0, properties, Optional.empty(), Optional.empty(), Optional.empty()));
        Packet.Connack connack = expect(Packet.Connack.class);
        if (connack.reason() != ReasonCode.SUCCESS) {
            throw new AssertionError("CONNECT of " + clientId + " was answered with " + connack);
        }
        return connack;
    }

    /** How long the next packets may take, where silence is nothing bad; {@link #PATIENCE} from the start. */
    public void patience(Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
    }

    /** Sends the packet as the codec writes it. */
    public void send(Packet packet) throws IOException {
        out.clear();
        if (!writer.write(packet, out)) {
            throw new AssertionError("too long to be sent: " + packet);
        }
        flush();
    }

    /** Sends these bytes, whatever they mean. */
    public void sendHex(String hex) throws IOException {
        sendBytes(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    /** Sends these bytes, whatever they mean. */
    public void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /**
     * Sends a PUBLISH.
     *
     * @param packetId 0 with QoS 0
     */
    public void publish(String topic, String payload, Qos qos, int packetId) throws IOException {
        publish(topic, Payload.ofText(payload), qos, packetId);
    }

    public void publish(String topic, Payload payload, Qos qos, int packetId) throws IOException {
        Message message =
                Message.of(new TopicName(topic), qos, false, MessageProperties.none(), Message.NEVER, 0, payload);
        send(new Packet.Publish(message, packetId, false, List.of()));
    }

    /** Sends a SUBSCRIBE with one filter. */
    public void sendSubscribe(int packetId, String filter, Qos qos) throws IOException {
        Subscription subscription = new Subscription(TopicFilter.of(filter), qos, false, false, RetainHandling.SEND);
        send(new Packet.Subscribe(packetId, List.of(subscription), OptionalInt.empty(), List.of()));
    }

    /** Sends a SUBSCRIBE with one filter and expects it to be granted. */
    public Packet.Suback subscribe(int packetId, String filter, Qos qos) throws IOException {
        sendSubscribe(packetId, filter, qos);
        Packet.Suback suback = expect(Packet.Suback.class);
        if (suback.packetId() != packetId || suback.reasons().getFirst().isError()) {
            throw new AssertionError("SUBSCRIBE to " + filter + " was answered with " + suback);
        }
        return suback;
    }

    public void puback(int packetId) throws IOException {
        send(new Packet.Puback(packetId, ReasonCode.SUCCESS, Explanation.NONE));
    }

    /** Says all that ends a delivery with QoS 1 or 2. */
    public void settle(Packet.Publish publish) throws IOException {
        if (publish.message().qos() == Qos.AT_LEAST_ONCE) {
            puback(publish.packetId());
        } else {
            send(Packets.pubrec(publish.packetId()));
            expect(Packet.Pubrel.class);
            send(Packets.pubcomp(publish.packetId()));
        }
    }

    /** Says DISCONNECT, keeping the session's expiry, and closes. */
    public void disconnect() throws IOException {
        send(new Packet.Disconnect(ReasonCode.SUCCESS, OptionalLong.empty(), Optional.empty(), Explanation.NONE));
        close();
    }

    /**
     * The next packet.
     *
     * @throws EOFException if the connection ends before one is whole
     * @throws AssertionError if none comes in time, or what comes breaks the protocol
     */
    public Packet next() throws IOException {
        byte[] buffer = new byte[1 << 14];
        while (true) {
            Packet packet = take();
            if (packet != null) {
                return packet;
            }
            int count = read(buffer);
            if (count < 0) {
                throw new EOFException("the connection ended");
            }
            in.discardReadBytes().writeBytes(buffer, 0, count);
            bytesReceived += count;
        }
    }

    /** Bytes that have come so far. */
    public long bytesReceived() {
        return bytesReceived;
    }

    /** The next packet, which has to be of this type. */
    public <T extends Packet> T expect(Class<T> type) throws IOException {
        Packet packet = next();
        if (!type.isInstance(packet)) {
            throw new AssertionError("expected " + type.getSimpleName() + ", got " + packet);
        }
        return type.cast(packet);
    }

    /** Expects that everything which was due has come, by asking for a PINGRESP and getting it next. */
    public void expectNothing() throws IOException {
        send(new Packet.Pingreq());
        expect(Packet.Pingresp.class);
    }

    /** Expects DISCONNECT with this reason, and the end of the connection. */
    public void expectDisconnect(ReasonCode reason) throws IOException {
        Packet.Disconnect disconnect = expect(Packet.Disconnect.class);
        if (disconnect.reason() != reason) {
            throw new AssertionError("expected DISCONNECT with " + reason + ", got " + disconnect);
        }
        expectClosed();
    }

    /** Expects the end of the connection, and no packet before it. */
    public void expectClosed() throws IOException {
        try {
            throw new AssertionError("expected the end of the connection, got " + next());
        } catch (EOFException | SocketException ended) {
            close();
        }
    }

    /** Ends the connection with a reset, as a crash or a bad network does. */
    public void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Closes the socket; to the server that is a connection lost. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable Packet take() {
        try {
            return reader.next(in);
        } catch (ProtocolException e) {
            throw new AssertionError("the server broke the protocol, " + e.statement() + ": " + e.text(), e);
        }
    }

    private int read(byte[] buffer) throws IOException {
        try {
            return socket.getInputStream().read(buffer);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came in time", e);
        }
    }

    private void flush() throws IOException {
        out.readBytes(socket.getOutputStream(), out.readableBytes());
    }
}
