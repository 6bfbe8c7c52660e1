// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import io.sluice.demo.MqttWire.Incoming;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.TreeSet;

/**
 * A sensor that speaks MQTT 5.0 with QoS 1: it counts its messages, has a few of them under way, connects again when the gateway goes
 * away and sends once more what was not acknowledged. A virtual thread writes and one for each connection reads.
 */
final class Sensor {

    private static final int WINDOW = 20;
    private static final Duration RECONNECT = Duration.ofMillis(250);

    private final String name;
    private final int port;
    private final Duration pace;
    private final Ledger ledger;

    /** Sent and not acknowledged, in order; guarded by this. */
    private final TreeSet<Integer> open = new TreeSet<>();

    private volatile boolean measuring = true;
    private int last;

    /**
     * @param name the topic's level and the ledger's source
     * @param pace the time between two messages
     */
    Sensor(String name, int port, Duration pace, Ledger ledger) {
        this.name = name;
        this.port = port;
        this.pace = pace;
        this.ledger = ledger;
        ledger.open(name);
    }

    void start() {
        Thread.ofVirtual().name(name).start(this::run);
    }

    /** Measures nothing new, and goes on sending until everything is acknowledged. */
    void pause() {
        measuring = false;
    }

    /** Measures again after {@link #pause}. */
    void resume() {
        measuring = true;
    }

    /** Messages that were sent and not acknowledged. */
    synchronized int openCount() {
        return open.size();
    }

    private void run() {
        try {
            while (true) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
                    socket.setTcpNoDelay(true);
                    serve(socket);
                } catch (IOException gatewayIsAway) {
                    Thread.sleep(RECONNECT);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        socket.getOutputStream().write(MqttWire.connect(name, true, 60, 0));
        if (!(MqttWire.read(in) instanceof Incoming.Connack connack) || connack.reason() != 0) {
            throw new IOException("the gateway did not accept the connection");
        }
        for (int number : openNumbers()) {
            send(socket, number);
        }
        Thread reader = Thread.ofVirtual().name(name + " reads").start(() -> readAcknowledgements(socket, in));
        try {
            while (reader.isAlive()) {
                Thread.sleep(pace);
                if (measuring && openCount() < WINDOW) {
                    send(socket, next());
                }
            }
        } finally {
            socket.close();
            reader.join();
        }
    }

    private void readAcknowledgements(Socket socket, DataInputStream in) {
        try {
            while (true) {
                if (MqttWire.read(in) instanceof Incoming.Puback puback && puback.reason() < 0x80) {
                    acknowledged(puback.packetId());
                }
            }
        } catch (IOException connectionEnded) {
            try {
                socket.close();
            } catch (IOException closedAlready) {
                // The writer sees it all the same.
            }
        }
    }

    private synchronized int next() {
        last++;
        open.add(last);
        return last;
    }

    private synchronized int[] openNumbers() {
        return open.stream().mapToInt(Integer::intValue).toArray();
    }

    private synchronized void acknowledged(int packetId) {
        open.stream().filter(number -> packetId(number) == packetId).findFirst().ifPresent(number -> {
            open.remove(number);
            ledger.promised(name, number);
        });
    }

    private void send(Socket socket, int number) throws IOException {
        String payload = String.format(Locale.ROOT, "%d %.2f", number, 20 + 5 * Math.sin(number / 50.0));
        // Not marked as a duplicate: the sensor keeps no session, so to the gateway it is a new message.
        socket.getOutputStream()
                .write(MqttWire.publish("sensors/" + name + "/temperature", payload, packetId(number), false));
    }

    private static int packetId(int number) {
        return 1 + number % 65_535;
    }
}
