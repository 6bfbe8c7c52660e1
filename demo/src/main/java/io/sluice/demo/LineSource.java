// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/**
 * A device that says one line at a time to whoever is connected and hears nothing back: a scale on TCP, or, through socat and a
 * pseudo-terminal, a boiler on a serial line. What it says while nobody is connected is not said at all. One virtual thread.
 */
final class LineSource implements AutoCloseable {

    private final String name;
    private final Duration pace;
    private final Ledger ledger;
    private final ServerSocket server;
    private volatile boolean measuring = true;
    private int last;

    /** @param name the device's name in the gateway's configuration and the ledger's source */
    LineSource(String name, Duration pace, Ledger ledger) throws IOException {
        this.name = name;
        this.pace = pace;
        this.ledger = ledger;
        this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ledger.open(name);
    }

    int port() {
        return server.getLocalPort();
    }

    void start() {
        Thread.ofVirtual().name(name).start(this::run);
    }

    void pause() {
        measuring = false;
    }

    void resume() {
        measuring = true;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void run() {
        try {
            while (!server.isClosed()) {
                try (Socket peer = server.accept()) {
                    peer.setTcpNoDelay(true);
                    speak(peer.getOutputStream());
                } catch (IOException peerIsGone) {
                    // The next one may come; a closed server ends the loop.
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void speak(OutputStream out) throws IOException, InterruptedException {
        while (true) {
            Thread.sleep(pace);
            if (measuring) {
                last++;
                String line = String.format(Locale.ROOT, "%d,%.1f%n", last, 80 + 10 * Math.cos(last / 30.0));
                out.write(line.getBytes(StandardCharsets.US_ASCII));
                ledger.promised(name, last);
            }
        }
    }
}
