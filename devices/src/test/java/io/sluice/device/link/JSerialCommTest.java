// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;
import io.sluice.device.PseudoTerminal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins what jSerialComm 2.11.4 does on a Linux pseudo-terminal, because {@link SerialLink} is built on it. */
@SuppressWarnings("try") // A device or peer that only has to be there.
class JSerialCommTest {

    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void path() {
        path = folder.resolve("port");
    }

    @Test
    void getCommPort_missingPath_throws() {
        assertThatThrownBy(() -> SerialPort.getCommPort(path.toString()))
                .isInstanceOf(SerialPortInvalidPortException.class);
    }

    @Test
    void getCommPort_missingPathWithNameOfADevice_takesThatDevice() {
        assertThat(SerialPort.getCommPort(folder.resolve("null").toString()).getSystemPortPath())
                .isEqualTo("/dev/null");
    }

    @Test
    void library_onceLoaded_makesTheProcessIgnoreHangUpAndUserSignals() throws Exception {
        assertThat(SerialPort.getVersion()).isEqualTo("2.11.4");
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findAny()
                .orElseThrow();
        long signals =
                Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16);
        for (int signal : new int[] {1, 10, 12}) { // SIGHUP, SIGUSR1, SIGUSR2
            assertThat(signals >> (signal - 1) & 1).as("signal %s", signal).isEqualTo(1);
        }
    }

    @Test
    void openPort_fileGoneAfterLookUp_failsWithEnoent() throws Exception {
        Files.createFile(path);
        SerialPort port = SerialPort.getCommPort(path.toString());
        Files.delete(path);
        assertThat(port.openPort()).isFalse();
        assertThat(port.getLastErrorCode()).isEqualTo(2);
    }

    @Test
    void openPort_notATerminal_failsWithEnotty() {
        SerialPort port = SerialPort.getCommPort("/dev/null");
        assertThat(port.openPort()).isFalse();
        assertThat(port.getLastErrorCode()).isEqualTo(25);
    }

    @Test
    void openPort_openInThisProcess_failsWith2() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort first = opened(terminal, 0);
            SerialPort second = SerialPort.getCommPort(path.toString());
            assertThat(second.openPort()).isFalse();
            assertThat(second.getLastErrorCode()).isEqualTo(2);
            assertThat(first.closePort()).isTrue();
        }
    }

    @Test
    void openPort_lockedByAnotherProcess_failsWithEagain() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            Process other = new ProcessBuilder(
                            "timeout", "60", "flock", path.toRealPath().toString(), "sh", "-c", "echo locked; cat")
                    .start();
            assertThat(other.inputReader().readLine()).isEqualTo("locked");
            SerialPort port = SerialPort.getCommPort(path.toString());
            assertThat(port.openPort()).isFalse();
            assertThat(port.getLastErrorCode()).isEqualTo(11);
            other.getOutputStream().close();
            assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(port.openPort()).isTrue();
            assertThat(port.closePort()).isTrue();
        }
    }

    @Test
    void readBytes_semiBlockingWithTimeoutAndSilence_gives0() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort port = opened(terminal, 200);
            assertThat(port.readBytes(new byte[10], 10)).isZero();
            assertThat(port.closePort()).isTrue();
        }
    }

    @Test
    void readBytes_semiBlocking_givesWhatIsThere() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort port = opened(terminal, 0);
            terminal.write("abc");
            byte[] buffer = new byte[10];
            int count = 0;
            while (count < 3) {
                int more = port.readBytes(buffer, 10 - count, count);
                assertThat(more).isPositive();
                count += more;
            }
            assertThat(buffer).startsWith('a', 'b', 'c');
            assertThat(port.closePort()).isTrue();
        }
    }

    @Test
    void readBytes_semiBlockingWithoutTimeout_waitsForTheFirstByte() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort port = opened(terminal, 0);
            CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> port.readBytes(new byte[10], 10));
            terminal.write("x");
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(port.closePort()).isTrue();
        }
    }

    @Test
    void readBytes_terminalUnplugged_givesMinus1AndStaysOpen() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort port = opened(terminal, 0);
            CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> port.readBytes(new byte[10], 10));
            terminal.unplug();
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
            assertThat(port.readBytes(new byte[10], 10)).isEqualTo(-1);
            assertThat(port.isOpen()).isTrue();
            assertThat(port.closePort()).isTrue();
        }
    }

    @Test
    void closePort_fromAnotherThread_wakesAReadThatWaitsForEver() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort port = opened(terminal, 0);
            CountDownLatch reading = new CountDownLatch(1);
            CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
                int count = port.readBytes(new byte[10], 10);
                reading.countDown();
                return count < 0 ? -2 : port.readBytes(new byte[10], 10);
            });
            terminal.write("x");
            assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(port.closePort()).isTrue();
            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
        }
    }

    @Test
    void openPort_anySettings_makesTheTerminalRawWithThem() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(path).plugIn()) {
            SerialPort port = opened(terminal, 200);
            assertThat(stty(terminal))
                    .contains(
                            "speed 19200 baud", "min = 0", "time = 2", "-icanon", "-echo ", "-isig", "-opost", "-icrnl")
                    .contains("-ixon", "-crtscts", "clocal", "parodd", "cstopb");
            assertThat(port.closePort()).isTrue();
        }
    }

    private static String stty(PseudoTerminal terminal) throws Exception {
        Process stty = new ProcessBuilder(
                        "timeout", "10", "stty", "-a", "-F", terminal.path().toString())
                .start();
        return new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static SerialPort opened(PseudoTerminal terminal, int timeoutMillis) {
        SerialPort port = SerialPort.getCommPort(terminal.path().toString());
        port.setComPortParameters(19_200, 7, SerialPort.TWO_STOP_BITS, SerialPort.ODD_PARITY);
        port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, timeoutMillis, 0);
        assertThat(port.openPort()).isTrue();
        return port;
    }
}
