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
import java.util.List;
import java.util.Optional;

/**
 * The application in the cloud: a durable session with QoS 1 that writes every arrival into the ledgers. It lives on a virtual thread of
 * its own.
 */
final class CloudSubscriber {

    private static final Duration RECONNECT = Duration.ofMillis(250);
    private static final String FILTER = "site/demo/sensors/#";

    private final int port;
    private final List<Ledger> ledgers;
    private volatile boolean subscribed;
    private volatile String trouble = "no answer";

    CloudSubscriber(int port, List<Ledger> ledgers) {
        this.port = port;
        this.ledgers = List.copyOf(ledgers);
    }

    void start() {
        Thread.ofVirtual().name("cloud subscriber").start(this::run);
    }

    /** Whether the session exists, so that everything published from now on is counted. */
    boolean subscribed() {
        return subscribed;
    }

    /** Why the last connection ended. */
    String trouble() {
        return trouble;
    }

    private void run() {
        try {
            while (true) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
                    socket.setTcpNoDelay(true);
                    serve(socket);
                } catch (IOException cloudIsAway) {
                    trouble = String.valueOf(cloudIsAway.getMessage());
                    Thread.sleep(RECONNECT);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        socket.getOutputStream().write(MqttWire.connect("demo-cloud-app", false, 0, 3_600));
        while (true) {
            switch (MqttWire.read(in)) {
                case Incoming.Connack connack -> {
                    if (connack.reason() != 0) {
                        throw new IOException("refused with reason code " + connack.reason());
                    }
                    socket.getOutputStream().write(MqttWire.subscribe(1, FILTER));
                }
                case Incoming.Suback suback -> {
                    if (suback.reason() >= 0x80) {
                        throw new IOException("the subscription was refused with reason code " + suback.reason());
                    }
                    subscribed = true;
                }
                case Incoming.Publish publish -> {
                    record(publish);
                    if (publish.qos() > 0) {
                        socket.getOutputStream().write(MqttWire.puback(publish.packetId()));
                    }
                }
                case Incoming.Disconnect disconnect ->
                    throw new IOException("disconnected with reason code " + disconnect.reason());
                case Incoming.Puback puback -> throw new IOException("a PUBACK for nothing");
                case Incoming.Pingresp pingresp -> throw new IOException("a PINGRESP for nothing");
            }
        }
    }

    private void record(Incoming.Publish publish) {
        Optional<Arrival> arrival = Arrival.of(publish.topic(), publish.payload());
        if (arrival.isPresent()) {
            for (Ledger ledger : ledgers) {
                if (ledger.arrived(arrival.get().source(), arrival.get().number())) {
                    return;
                }
            }
        }
    }

    /** What a message in the cloud says about its source: {@code site/demo/sensors/SOURCE...}, with the number first in its payload. */
    record Arrival(String source, int number) {

        /** Empty if the topic or the payload is another's. */
        static Optional<Arrival> of(String topic, String payload) {
            String[] levels = topic.split("/", -1);
            int digits = 0;
            while (digits < payload.length() && Character.isDigit(payload.charAt(digits))) {
                digits++;
            }
            if (levels.length < 4 || digits == 0 || digits > 9) {
                return Optional.empty();
            }
            return Optional.of(new Arrival(levels[3], Integer.parseInt(payload.substring(0, digits))));
        }
    }
}
