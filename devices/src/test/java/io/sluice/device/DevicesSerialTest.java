// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.device.DeviceSettings.Parity;
import io.sluice.device.DeviceSettings.StopBits;
import io.sluice.device.DeviceStatus.State;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole devices on real pseudo-terminals. */
@SuppressWarnings("try") // A device or peer that only has to be there.
class DevicesSerialTest {

    @TempDir
    Path folder;

    private final Recorder recorder = new Recorder();

    private Devices started(PseudoTerminal... terminals) {
        List<DeviceSettings> settings = Arrays.stream(terminals)
                .map(terminal -> new DeviceSettings(
                        terminal.path().getFileName().toString(),
                        new Link.Serial(terminal.path().toString(), 9_600, 8, Parity.NONE, StopBits.ONE),
                        new Framing.Line(1_000),
                        new Decoding.Csv(List.of("t", "p"), ',')))
                .toList();
        Devices devices = new Devices(settings, recorder, recorder, InstantSource.system());
        devices.start();
        return devices;
    }

    @Test
    void serialLine_unpluggedInMidLineAndBack_losesNoWholeLineSentAfterwards() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(folder.resolve("boiler"));
                Devices devices = started(terminal)) {
            assertThat(recorder.awaitChange(State.BROKEN).reason()).endsWith("is not there; is it plugged in?");
            for (int round = 0; round < 3; round++) {
                terminal.plugIn();
                recorder.awaitChange(State.OPEN);
                for (int i = 0; i < 1_000; i++) {
                    terminal.write(round + "," + i + "\r\n");
                }
                for (int i = 0; i < 1_000; i++) {
                    assertThat(recorder.next()).containsExactly(Integer.toString(round), Integer.toString(i));
                }
                long bytes = devices.status().getFirst().counts().bytes();
                terminal.write("half,a li");
                Recorder.until(
                        "half a line has arrived",
                        () -> devices.status().getFirst().counts().bytes() == bytes + 9);
                terminal.unplug();
                assertThat(recorder.awaitChange(State.BROKEN).reason()).contains("unplugged");
            }
            DeviceStatus.Counts counts = devices.status().getFirst().counts();
            assertThat(counts.readings()).isEqualTo(3_000);
            assertThat(counts.cut()).isEqualTo(3);
            assertThat(counts.undecodable() + counts.overlong() + counts.bugs()).isZero();
            assertThat(recorder.hasNoMore()).isTrue();
        }
    }

    @Test
    void serialLine_otherIsUnplugged_goesOn() throws Exception {
        try (PseudoTerminal boiler = new PseudoTerminal(folder.resolve("boiler")).plugIn();
                PseudoTerminal pump = new PseudoTerminal(folder.resolve("pump")).plugIn();
                Devices devices = started(boiler, pump)) {
            recorder.awaitChange(State.OPEN);
            recorder.awaitChange(State.OPEN);
            boiler.unplug();
            recorder.awaitChange(State.BROKEN);
            pump.write("1,2\n");
            assertThat(recorder.nextReading().device()).isEqualTo("pump");
            assertThat(devices.status()).extracting(DeviceStatus::state).containsExactly(State.BROKEN, State.OPEN);
        }
    }

    @Test
    void close_silentSerialLine_endsItsThreadAndFreesThePort() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(folder.resolve("boiler")).plugIn()) {
            for (int round = 0; round < 2; round++) {
                try (Devices devices = started(terminal)) {
                    recorder.awaitChange(State.OPEN);
                }
                assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .doesNotContain("device-boiler");
            }
        }
    }
}
