// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import io.sluice.device.DeviceSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection that the gateway makes to a device. A peer that says nothing is left in peace for as long as it is there; the
 * kernel's keep-alive probes find out when it is not, within {@value #KEEP_ALIVE_IDLE_SECONDS} s of silence and
 * {@value #KEEP_ALIVE_PROBES} probes {@value #KEEP_ALIVE_INTERVAL_SECONDS} s apart.
 *
 * <p>Opened and read on the device's thread, closed from any. Resolving a host name cannot be broken off and takes as long as the
 * system's resolver does.
 */
public final class TcpLink implements ByteLink {

    private static final int CONNECT_MILLIS_MAX = 5_000;
    private static final int KEEP_ALIVE_IDLE_SECONDS = 15;
    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 5;
    private static final int KEEP_ALIVE_PROBES = 3;

    /** Small, so that a peer feels soon when the gateway does not keep up, instead of filling the kernel's memory. */
    private static final int RECEIVE_BUFFER_BYTES = 65_536;

    private final DeviceSettings.Link.Tcp settings;
    private volatile @Nullable Socket socket;
    private volatile boolean closed;

    public TcpLink(DeviceSettings.Link.Tcp settings) {
        this.settings = settings;
    }

    @Override
    public void open() throws IOException {
        IOException first = null;
        for (InetAddress address : addresses()) {
            try {
                connect(new InetSocketAddress(address, settings.port()));
                return;
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new UnknownHostException(settings.host()) : first;
    }

    private InetAddress[] addresses() throws IOException {
        try {
            return InetAddress.getAllByName(settings.host());
        } catch (UnknownHostException e) {
            throw new IOException(settings.place() + ": the host name cannot be resolved", e);
        }
    }

    private void connect(InetSocketAddress address) throws IOException {
        Socket attempt = new Socket();
        socket = attempt;
        try {
            checkNotClosed();
            keepAlive(attempt);
            attempt.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
            attempt.connect(address, CONNECT_MILLIS_MAX);
            checkNotClosed();
        } catch (IOException e) {
            attempt.close();
            throw failed(e);
        }
    }

    private static void keepAlive(Socket socket) throws IOException {
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS);
        set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_ALIVE_INTERVAL_SECONDS);
        set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_ALIVE_PROBES);
    }

    private static void set(Socket socket, SocketOption<Integer> option, int value) throws IOException {
        if (socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        Socket open = socket;
        if (open == null) {
            throw new IllegalStateException(settings.place() + " is read before it was opened");
        }
        int count;
        try {
            count = open.getInputStream().read(buffer);
        } catch (IOException e) {
            throw failed(e);
        }
        if (count < 0) {
            throw new IOException(settings.place() + ": the peer has ended the connection");
        }
        return count;
    }

    @Override
    public void close() {
        closed = true;
        Socket open = socket;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // The descriptor is free in any case, and nothing was owed to the peer.
            }
        }
    }

    private void checkNotClosed() throws IOException {
        if (closed) {
            throw new IOException(settings.place() + ": closed by the gateway");
        }
    }

    private IOException failed(IOException cause) {
        String what = switch (cause) {
            case IOException e when closed -> "closed by the gateway";
            case ConnectException e -> "no connection: " + e.getMessage();
            case SocketTimeoutException e -> "no answer within " + CONNECT_MILLIS_MAX / 1_000 + " s";
            default -> "connection lost: " + cause.getMessage();
        };
        return new IOException(settings.place() + ": " + what, cause);
    }
}
