// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An upstream whose every byte the test chooses: accepts, hands over the packets that come, and sends what it is told. */
final class FakeServer implements AutoCloseable {

    /** CONNACK without properties. */
    static final String CONNACK = "20 03 00 00 00";

    private final ServerSocket server;
    private final BlockingQueue<byte[]> packets = new LinkedBlockingQueue<>();
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
    private Socket socket = new Socket();

    FakeServer() {
        try {
            server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            server.setSoTimeout(20_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "fake server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    URI uri() {
        return URI.create("mqtt://127.0.0.1:" + port());
    }

    private void serve() {
        try {
            while (!server.isClosed()) {
                Socket next = server.accept();
                accepted.add(next);
                Thread thread = new Thread(() -> read(next), "fake server connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void read(Socket from) {
        try {
            DataInputStream in = new DataInputStream(from.getInputStream());
            while (true) {
                int first = in.readUnsignedByte();
                int length = 0;
                int shift = 0;
                int next;
                do {
                    next = in.readUnsignedByte();
                    length |= (next & 0x7F) << shift;
                    shift += 7;
                } while ((next & 0x80) != 0);
                byte[] packet = new byte[length + 1];
                packet[0] = (byte) first;
                in.readFully(packet, 1, length);
                packets.add(packet);
            }
        } catch (IOException e) {
            closeQuietly(from); // The client has gone.
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next packet that came: its first byte, then what follows the remaining length. */
    byte[] packet() {
        try {
            byte[] packet = packets.poll(15, TimeUnit.SECONDS);
            if (packet == null) {
                throw new AssertionError("no packet came");
            }
            return packet;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next packet of this type, 1 to 15. */
    byte[] packet(int type) {
        byte[] packet = packet();
        while ((packet[0] & 0xF0) >> 4 != type) {
            packet = packet();
        }
        return packet;
    }

    /** Packets that came and were not looked at. */
    int waiting() {
        return packets.size();
    }

    /** Waits for the next connection, takes its CONNECT and answers it. Returns the CONNECT. */
    byte[] accept(String connack) {
        try {
            socket = accepted.poll(15, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        byte[] connect = packet(1);
        send(connack);
        return connect;
    }

    /** Sends bytes given in hexadecimal. */
    void send(String hex) {
        try {
            socket.getOutputStream().write(HexFormat.of().parseHex(hex.replace(" ", "")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void drop() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int packetId(byte[] publish) {
        int topicBytes = ((publish[1] & 0xFF) << 8) | (publish[2] & 0xFF);
        return ((publish[3 + topicBytes] & 0xFF) << 8) | (publish[4 + topicBytes] & 0xFF);
    }

    static String puback(int packetId) {
        return "40 02 " + HexFormat.of().toHexDigits((short) packetId);
    }

    static String puback(int packetId, int reason) {
        return "40 03 " + HexFormat.of().toHexDigits((short) packetId)
                + HexFormat.of().toHexDigits((byte) reason);
    }

    @Override
    public void close() {
        try {
            server.close();
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
