// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All who send, and the two ledgers in which they are written. Used by the main thread. */
final class Cast {

    private static final int SENSORS = 10;
    private static final Duration SENSOR_PACE = Duration.ofMillis(20);
    private static final Duration LINE_PACE = Duration.ofMillis(100);

    /** Sources that are told what is safe, and those that are not. */
    final Ledger acknowledged = new Ledger(true);

    final Ledger lines = new Ledger(false);

    private final List<Sensor> sensors = new ArrayList<>();
    private final List<LineSource> lineSources = new ArrayList<>();
    private Optional<Integer> serialPort = Optional.empty();

    Cast(int gatewayPort) {
        for (int i = 1; i <= SENSORS; i++) {
            sensors.add(new Sensor("press-" + i, gatewayPort, SENSOR_PACE, acknowledged));
        }
    }

    /**
     * Adds a scale that the gateway reaches over TCP, and, with socat, a boiler on a serial line.
     *
     * @param serial where the serial line is going to be, if there can be one
     * @return the devices' part of the configuration
     */
    String addLines(Stage stage, Optional<Path> serial) throws IOException {
        LineSource scale = stage.own(new LineSource("scale", LINE_PACE, lines));
        lineSources.add(scale);
        String yaml = """

                devices:
                  scale:
                    tcp: "127.0.0.1:%d"
                    framing: line
                    decode: text
                    publish: {topic: "sensors/{device}", qos: 1}
                """.formatted(scale.port());
        if (serial.isEmpty()) {
            return yaml;
        }
        LineSource boiler = stage.own(new LineSource("boiler", LINE_PACE, lines));
        lineSources.add(boiler);
        serialPort = Optional.of(boiler.port());
        return yaml + """
                  boiler:
                    serial: %s
                    baud: 9600
                    framing: line
                    decode: text
                    publish: {topic: "sensors/{device}", qos: 1}
                """.formatted(serial.get());
    }

    /** The TCP port behind the serial line. */
    Optional<Integer> serialPort() {
        return serialPort;
    }

    void start() {
        sensors.forEach(Sensor::start);
        lineSources.forEach(LineSource::start);
    }

    void pause() {
        sensors.forEach(Sensor::pause);
        lineSources.forEach(LineSource::pause);
    }

    void resume() {
        sensors.forEach(Sensor::resume);
        lineSources.forEach(LineSource::resume);
    }

    /** Messages that the sensors sent and nobody has acknowledged. */
    int openCount() {
        return sensors.stream().mapToInt(Sensor::openCount).sum();
    }

    int sensorCount() {
        return sensors.size();
    }

    int lineCount() {
        return lineSources.size();
    }
}
