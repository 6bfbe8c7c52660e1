// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.device.DeviceStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // A device or peer that only has to be there.
class DevicesTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SHORT = Duration.ofMillis(2);

    private final Recorder recorder = new Recorder();
    private final FakePort boiler = new FakePort();
    private final FakePort pump = new FakePort();

    private Devices devices(ReadingSink sink, DeviceListener listener, Duration last) {
        Map<String, FakePort> ports = Map.of("boiler", boiler, "pump", pump);
        return new Devices(
                List.of(settings("boiler"), settings("pump")),
                sink,
                listener,
                InstantSource.fixed(NOW),
                link -> ports.get(((Link.Tcp) link).host()).link(),
                SHORT,
                last);
    }

    private Devices started(ReadingSink sink, DeviceListener listener) {
        Devices devices = devices(sink, listener, SHORT);
        devices.start();
        return devices;
    }

    private static DeviceSettings settings(String name) {
        return new DeviceSettings(
                name, new Link.Tcp(name, 1), new Framing.Line(20), new Decoding.Csv(List.of("t", "p"), ','));
    }

    private static DeviceStatus boiler(Devices devices) {
        return devices.status().getFirst();
    }

    @Test
    void device_lineArrives_givesAReading() throws Exception {
        try (Devices devices = started(recorder, recorder)) {
            boiler.send("21.5,").send("3\r\n");
            assertThat(recorder.nextReading())
                    .isEqualTo(new Reading(
                            "boiler", NOW, List.of(new Reading.Value("t", "21.5"), new Reading.Value("p", "3"))));
            Recorder.until("one reading counted", () -> boiler(devices).counts().readings() == 1);
            assertThat(boiler(devices))
                    .isEqualTo(new DeviceStatus(
                            "boiler",
                            State.OPEN,
                            "tcp boiler:1",
                            NOW,
                            new DeviceStatus.Counts(8, 1, 1, 0, 0, 0, 1, 0, "")));
        }
    }

    @Test
    void device_notStarted_isWaiting() {
        try (Devices devices = devices(recorder, recorder, SHORT)) {
            assertThat(devices.status()).extracting(DeviceStatus::state).containsExactly(State.WAITING, State.WAITING);
        }
        assertThat(boiler.attempts()).isZero();
    }

    @Test
    void device_portMissingAtStart_isBrokenUntilItComes() throws Exception {
        boiler.absent();
        try (Devices devices = started(recorder, recorder)) {
            assertThat(recorder.awaitChange(State.BROKEN).reason()).isEqualTo("not there");
            Recorder.until("several attempts", () -> boiler.attempts() > 5);
            boiler.present().send("1,2\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            assertThat(boiler(devices).state()).isEqualTo(State.OPEN);
        }
    }

    @Test
    void device_linkBreaksInMidLine_neverGluesTheHalfToTheNext() throws Exception {
        try (Devices devices = started(recorder, recorder)) {
            boiler.send("1,2\n3,").breaks("unplugged").send("4,5\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            assertThat(recorder.next()).containsExactly("4", "5");
            assertThat(boiler(devices).counts().cut()).isEqualTo(1);
        }
    }

    @Test
    void device_linkBreaksAgainAndAgainAfterData_isReopenedSoonEachTime() throws Exception {
        // Without a reset after data the fortieth wait would be years.
        try (Devices devices = devices(recorder, recorder, Duration.ofDays(10_000))) {
            devices.start();
            for (int i = 0; i < 40; i++) {
                boiler.send(i + ",0\n").breaks("unplugged");
                assertThat(recorder.next()).containsExactly(Integer.toString(i), "0");
            }
        }
    }

    @Test
    void device_talksNonsense_publishesNothingOfItAndKeepsTheLastForTheOperator() throws Exception {
        try (CapturedLog log = new CapturedLog(BadFrames.class);
                Devices devices = started(recorder, recorder)) {
            boiler.send("1\n1,2,3\n123456789012345678901\n1,2\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            DeviceStatus.Counts counts = boiler(devices).counts();
            assertThat(counts.undecodable()).isEqualTo(2);
            assertThat(counts.overlong()).isEqualTo(1);
            assertThat(counts.lastUndecodable()).isEqualTo("3 values where 2 are expected: '1,2,3'");
            assertThat(log.lines()).containsExactly("WARNING device boiler: 1 value where 2 are expected: '1'");
        }
    }

    @Test
    void devices_oneIsHeldByTheSink_othersGoOn() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        ReadingSink sink = reading -> {
            if (reading.device().equals("boiler")) {
                release.await();
            }
            recorder.accept(reading);
        };
        try (Devices devices = started(sink, recorder)) {
            boiler.send("1,1\n").send("2,2\n");
            Recorder.until(
                    "the sink holds the boiler", () -> boiler(devices).counts().frames() == 1);
            for (int i = 0; i < 100; i++) {
                pump.send(i + ",0\n");
                assertThat(recorder.next()).containsExactly(Integer.toString(i), "0");
            }
            assertThat(boiler.isDrained()).isFalse();
            release.countDown();
            assertThat(recorder.next()).containsExactly("1", "1");
            assertThat(recorder.next()).containsExactly("2", "2");
        }
    }

    @Test
    void device_unexpectedExceptionInItsLink_isRestartedAlone() throws Exception {
        try (CapturedLog log = new CapturedLog(Device.class);
                Devices devices = started(recorder, recorder)) {
            boiler.throwsBug(new IllegalStateException("bug")).send("1,2\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            assertThat(boiler(devices).counts().bugs()).isEqualTo(1);
            assertThat(boiler(devices).counts().openings()).isEqualTo(2);
            pump.send("3,4\n");
            assertThat(recorder.next()).containsExactly("3", "4");
            assertThat(devices.status().getLast().counts().openings()).isEqualTo(1);
            assertThat(log.lines()).contains("SEVERE device boiler is restarted: unexpected exception");
        }
    }

    @Test
    void device_unexpectedExceptionInTheSink_isRestarted() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        ReadingSink sink = reading -> {
            switch (calls.getAndIncrement()) {
                case 0 -> throw new IllegalStateException("bug");
                case 1 -> throw new InterruptedException("of its own making");
                default -> recorder.accept(reading);
            }
        };
        try (CapturedLog log = new CapturedLog(Device.class);
                Devices devices = started(sink, recorder)) {
            boiler.send("1,1\n").send("2,2\n").send("3,3\n");
            assertThat(recorder.next()).containsExactly("3", "3");
            assertThat(boiler(devices).counts().bugs()).isEqualTo(2);
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("SEVERE"))
                    .hasSize(2);
        }
    }

    @Test
    void device_listenerFails_isReadAllTheSame() throws Exception {
        DeviceListener failing = status -> {
            throw new IllegalStateException("bug");
        };
        try (CapturedLog log = new CapturedLog(Device.class);
                Devices devices = started(recorder, failing)) {
            boiler.send("1,2\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            assertThat(boiler(devices).counts().bugs()).isEqualTo(1);
            assertThat(log.lines()).contains("SEVERE device boiler: its listener failed");
        }
    }

    @Test
    void log_manyAttempts_tellsOfEachChangeOnce() throws Exception {
        boiler.absent();
        try (CapturedLog log = new CapturedLog(Device.class);
                Devices devices = started(recorder, recorder)) {
            Recorder.until("several attempts", () -> boiler.attempts() > 5);
            boiler.present().send("1,2\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            boiler.absent().breaks("unplugged");
            int before = boiler.attempts();
            Recorder.until("several attempts", () -> boiler.attempts() > before + 5);
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("boiler"))
                    .containsExactly(
                            "WARNING device boiler: broken, will be tried again: not there",
                            "INFO device boiler: open: tcp boiler:1",
                            "WARNING device boiler: broken, will be tried again: unplugged");
        }
    }

    @Test
    void log_opensAndBreaksWithoutData_tellsOnceUntilBytesArrive() throws Exception {
        try (CapturedLog log = new CapturedLog(Device.class);
                Devices devices = started(recorder, recorder)) {
            for (int i = 0; i < 5; i++) {
                boiler.breaks("ended by the peer");
            }
            boiler.send("1,2\n");
            assertThat(recorder.next()).containsExactly("1", "2");
            assertThat(boiler(devices).counts().openings()).isEqualTo(6);
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("boiler"))
                    .containsExactly(
                            "INFO device boiler: open: tcp boiler:1",
                            "WARNING device boiler: broken, will be tried again: ended by the peer",
                            "INFO device boiler: open: bytes arrive again");
        }
    }

    @Test
    void close_threadsReadingWaitingAndHeldBySink_endsThemAll() throws Exception {
        pump.absent();
        CountDownLatch held = new CountDownLatch(1);
        ReadingSink sink = reading -> {
            held.countDown();
            new CountDownLatch(1).await();
        };
        Devices devices = devices(sink, recorder, Duration.ofDays(1));
        try (devices) {
            devices.start();
            boiler.send("1,2\n");
            held.await();
            Recorder.until("the pump waits", () -> pump.attempts() > 0);
        }
        devices.close();
        assertThat(boiler.closings()).isPositive();
        assertThat(boiler(devices).counts().readings()).isZero();
        assertThat(boiler(devices).counts().bugs()).isZero();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("device-boiler", "device-pump");
    }

    @Test
    void devices_twoOfOneName_areRefused() {
        assertThatThrownBy(() -> new Devices(
                        List.of(settings("boiler"), settings("boiler")), recorder, recorder, InstantSource.fixed(NOW)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two devices are named boiler");
    }
}
