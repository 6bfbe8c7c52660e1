// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A device behind a TCP port that can be switched on and off; it is off at first, and takes one connection. */
final class TcpPeer implements AutoCloseable {

    private static final int ACCEPT_MILLIS_MAX = 30_000;

    private final int port;
    private Optional<ServerSocket> server = Optional.empty();
    private Optional<Socket> connection = Optional.empty();

    TcpPeer() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    /** Returns when somebody is connected. */
    void switchOn() throws IOException {
        ServerSocket listening = new ServerSocket();
        server = Optional.of(listening);
        listening.setReuseAddress(true);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        listening.setSoTimeout(ACCEPT_MILLIS_MAX);
        connection = Optional.of(listening.accept());
    }

    void write(String text) throws IOException {
        connection.orElseThrow().getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Vanishes in the middle of whatever it says. */
    void switchOff() throws IOException {
        if (connection.isPresent()) {
            connection.get().close();
        }
        if (server.isPresent()) {
            server.get().close();
        }
    }

    @Override
    public void close() throws IOException {
        switchOff();
    }
}
