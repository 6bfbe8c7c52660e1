// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * The socket under one connection to upstream: it resolves the host name, connects, speaks TLS for {@code mqtts}, and can be cut
 * at any time. Paho is told a plain TCP address and is given this; it connects, reads and writes on Paho's threads.
 *
 * <p>Paho sets a read time limit of one second and loses its place in the stream when that passes between two bytes of a header,
 * so that what follows is read as other packets than were sent. {@link #setSoTimeout} therefore does nothing: a silent peer is
 * found by keep alive, and a read ends when the socket is cut.
 */
final class UpstreamSocket extends Socket {

    private static final int BUFFER_BYTES = 16 * 1024;

    private final URI address;
    private final Optional<Settings.Tls> tls;
    private final int timeoutMillis;
    private final Object lock = new Object();
    private Socket wire = new Socket();
    private Socket stream = wire;
    private boolean cut;
    private boolean started;
    private Gate gate = new Gate(InputStream.nullInputStream());

    UpstreamSocket(URI address, Optional<Settings.Tls> tls, Duration timeout) {
        this.address = address;
        this.tls = tls;
        this.timeoutMillis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
    }

    static boolean isSecure(URI address) {
        return "mqtts".equalsIgnoreCase(address.getScheme());
    }

    /** Connects to the address given to the constructor; Paho's is a stand-in. Blocks; on Paho's thread. */
    @Override
    public void connect(SocketAddress ignored, int ignoredMillis) throws IOException {
        Socket connected = connectToAny(InetAddress.getAllByName(host()));
        connected.setTcpNoDelay(true);
        Socket secured = isSecure(address) ? secure(connected) : connected;
        connected.setSoTimeout(0);
        synchronized (lock) {
            throwIfCut();
            stream = secured;
            gate = new Gate(new BufferedInputStream(secured.getInputStream(), BUFFER_BYTES));
        }
    }

    private String host() {
        String host = address.getHost();
        if (host != null) {
            return host;
        }
        // A host name with an underscore is none to java.net.URI, but resolvers know it.
        String authority = address.getAuthority();
        return authority.substring(0, portColon(authority));
    }

    private int port() {
        String authority = address.getAuthority();
        int colon = portColon(authority);
        if (colon < authority.length()) {
            return Integer.parseInt(authority.substring(colon + 1));
        }
        return isSecure(address) ? 8883 : 1883;
    }

    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }

    private Socket connectToAny(InetAddress[] addresses) throws IOException {
        IOException trouble = new IOException("no address for " + host());
        for (InetAddress one : addresses) {
            Socket attempt = new Socket();
            synchronized (lock) {
                throwIfCut();
                wire = attempt;
            }
            try {
                attempt.connect(new InetSocketAddress(one, port()), timeoutMillis);
                return attempt;
            } catch (IOException e) {
                attempt.close();
                trouble = e;
            }
        }
        throw trouble;
    }

    private Socket secure(Socket plain) throws IOException {
        plain.setSoTimeout(timeoutMillis);
        SSLSocket secured =
                (SSLSocket) TlsClient.context(tls).getSocketFactory().createSocket(plain, host(), port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // The certificate must name the host.
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private void throwIfCut() throws IOException {
        if (cut) {
            wire.close();
            throw new SocketException("given up");
        }
    }

    /** Upstream's CONNACK, once it has been read. From any thread. */
    Optional<Connack> connack() {
        synchronized (lock) {
            return gate.connack();
        }
    }

    private void started() {
        synchronized (lock) {
            started = true;
            gate.open();
            lock.notifyAll();
        }
    }

    /** Waits until Paho has sent its CONNECT or has given up before. Not on the broker thread. */
    void awaitPahoStarted() throws InterruptedException {
        synchronized (lock) {
            while (!started) {
                lock.wait();
            }
        }
    }

    /** Ends the connection at once, whatever it is doing. From any thread; does not block. */
    void cut() {
        synchronized (lock) {
            cut = true;
            try {
                wire.close();
            } catch (IOException e) {
                // Closing is all that was wanted; a socket that cannot be closed is closed.
            }
        }
    }

    @Override
    public InputStream getInputStream() {
        synchronized (lock) {
            return gate;
        }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        synchronized (lock) {
            return new Opening(stream.getOutputStream());
        }
    }

    @Override
    public void setSoTimeout(int millis) {
        // See the class comment.
    }

    @Override
    public void shutdownInput() {
        // Paho does this before it closes and does not close if it fails; closing is enough.
    }

    /** Closes without the farewell of TLS, which could block behind a write; MQTT's DISCONNECT has been the farewell. */
    @Override
    public void close() {
        cut();
        started();
    }

    /** The first write is Paho's CONNECT: from then on there is something to read. */
    private final class Opening extends FilterOutputStream {
        private boolean opened;

        Opening(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!opened) {
                opened = true;
                started();
            }
            out.write(bytes, offset, length);
        }
    }
}
