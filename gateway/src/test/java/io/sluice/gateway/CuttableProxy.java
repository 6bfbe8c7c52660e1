// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A TCP proxy on a free loopback port, whose connections can be cut, stalled, or cut in mid-packet. */
public final class CuttableProxy implements AutoCloseable {

    private static final long NEVER = Long.MAX_VALUE;

    private final ServerSocket server;
    private final int targetPort;
    private final Object lock = new Object();
    private final List<Socket> sockets = new ArrayList<>();
    private long bytesLeft = NEVER;
    private boolean stalled;
    private boolean refusing;
    private int connections;

    public CuttableProxy(int targetPort) {
        this.targetPort = targetPort;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy accept", this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Connections accepted so far. */
    public int connections() {
        synchronized (lock) {
            return connections;
        }
    }

    /** Ends all connections at once; new ones are accepted. */
    public void cut() {
        synchronized (lock) {
            sockets.forEach(CuttableProxy::closeQuietly);
            sockets.clear();
            bytesLeft = NEVER;
            lock.notifyAll();
        }
    }

    /** Ends all connections once this many more bytes have passed, both ways together. */
    public void cutAfter(long bytes) {
        synchronized (lock) {
            bytesLeft = bytes;
        }
    }

    /** Lets nothing pass, and keeps the connections. */
    public void stall() {
        synchronized (lock) {
            stalled = true;
        }
    }

    /** Lets everything pass again. */
    public void pass() {
        synchronized (lock) {
            stalled = false;
            refusing = false;
            lock.notifyAll();
        }
    }

    /** Ends all connections; new ones are accepted and closed at once. */
    public void refuse() {
        synchronized (lock) {
            refusing = true;
        }
        cut();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                synchronized (lock) {
                    connections++;
                    if (refusing) {
                        closeQuietly(client);
                        continue;
                    }
                }
                open(client);
            } catch (IOException e) {
                // Closed, or the target is not there: the client has been closed and may try again.
            }
        }
    }

    private void open(Socket client) throws IOException {
        Socket target;
        try {
            target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
        } catch (IOException e) {
            client.close();
            throw e;
        }
        client.setTcpNoDelay(true);
        target.setTcpNoDelay(true);
        synchronized (lock) {
            sockets.add(client);
            sockets.add(target);
        }
        start("proxy out", () -> copy(client, target));
        start("proxy in", () -> copy(target, client));
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[8 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int read = in.read(buffer);
            while (read > 0) {
                int passing = passing(read);
                out.write(buffer, 0, passing);
                out.flush();
                if (passing < read) {
                    cut();
                    return;
                }
                read = in.read(buffer);
            }
        } catch (IOException e) {
            // The other direction closes with it.
        }
    }

    private int passing(int read) throws IOException {
        synchronized (lock) {
            while (stalled) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            int passing = (int) Math.min(read, bytesLeft);
            if (bytesLeft != NEVER) {
                bytesLeft -= passing;
            }
            return passing;
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pass();
        cut();
    }
}
