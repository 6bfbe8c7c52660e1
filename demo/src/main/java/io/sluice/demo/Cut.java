// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The uplink: a TCP proxy between the gateway and the cloud that can be cut. While it is cut, connections are closed as soon as they come,
 * and those that stood are gone. A virtual thread for each direction of each connection.
 */
final class Cut implements AutoCloseable {

    private final ServerSocket server;
    private final int cloudPort;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    Cut(int cloudPort) throws IOException {
        this.cloudPort = cloudPort;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("uplink").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    boolean isUp() {
        return !cut;
    }

    void cut() {
        cut = true;
        sockets.forEach(Cut::closeQuietly);
    }

    void restore() {
        cut = false;
    }

    @Override
    public void close() {
        cut();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                if (cut) {
                    near.close();
                } else {
                    connect(near);
                }
            } catch (IOException closedOrCloudAway) {
                // The gateway tries again; a closed server ends the loop.
            }
        }
    }

    private void connect(Socket near) throws IOException {
        Socket far;
        try {
            far = new Socket(InetAddress.getLoopbackAddress(), cloudPort);
        } catch (IOException e) {
            near.close();
            throw e;
        }
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().start(() -> carry(near, far));
        Thread.ofVirtual().start(() -> carry(far, near));
        if (cut) {
            cut(); // it was cut while this connection was made
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0 && !cut; count = in.read(buffer)) {
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException oneSideIsGone) {
            // So is the other, below.
        } finally {
            closeQuietly(from);
            closeQuietly(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException closedAlready) {
            // Nothing is left to be done about it.
        }
    }
}
