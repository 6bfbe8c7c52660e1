// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Gives out the one socket of this connection. */
final class OneSocketFactory extends SocketFactory {
    private final Socket socket;

    OneSocketFactory(Socket socket) {
        this.socket = socket;
    }

    @Override
    public Socket createSocket() {
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        return socket;
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        return socket;
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
        return socket;
    }
}
