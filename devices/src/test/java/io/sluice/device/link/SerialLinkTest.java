// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.device.DeviceSettings;
import io.sluice.device.PseudoTerminal;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SerialLinkTest {

    @TempDir
    Path folder;

    private PseudoTerminal terminal;
    private SerialLink link;

    @BeforeEach
    void port() {
        terminal = new PseudoTerminal(folder.resolve("port"));
        link = link(terminal.path());
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        terminal.close();
    }

    private static SerialLink link(Path path) {
        return new SerialLink(settings(path));
    }

    private static DeviceSettings.Link.Serial settings(Path path) {
        return new DeviceSettings.Link.Serial(
                path.toString(), 115_200, 8, DeviceSettings.Parity.NONE, DeviceSettings.StopBits.ONE);
    }

    private void open() throws IOException {
        terminal.plugIn();
        link.open();
    }

    private static void assertSays(Throwable thrown, Path path, String text) {
        assertThat(thrown).isInstanceOf(IOException.class).hasMessage("serial port " + path + text);
    }

    @Test
    void open_portMissing_saysSo() {
        assertThatThrownBy(link::open)
                .satisfies(e -> assertSays(e, terminal.path(), " is not there; is it plugged in?"));
    }

    @Test
    void open_missingButNamedLikeADevice_doesNotTakeThatDevice() {
        Path nullHere = folder.resolve("null");
        assertThatThrownBy(link(nullHere)::open)
                .satisfies(e -> assertSays(e, nullHere, " is not there; is it plugged in?"));
    }

    @Test
    void open_linkPointsNowhere_saysSo() throws IOException {
        Files.createSymbolicLink(terminal.path(), folder.resolve("gone"));
        assertThatThrownBy(link::open)
                .satisfies(e -> assertSays(e, terminal.path(), " is not there; is it plugged in?"));
    }

    @Test
    void open_notASerialPort_saysSo() {
        Path notOne = Path.of("/dev/null");
        assertThatThrownBy(link(notOne)::open).satisfies(e -> assertSays(e, notOne, ": not a serial port"));
    }

    @Test
    void open_openHereAlready_saysSo() throws IOException {
        open();
        assertThatThrownBy(link(terminal.path())::open)
                .satisfies(e -> assertSays(e, terminal.path(), ": in use by another device of this gateway"));
    }

    @Test
    void open_lockedByAnotherProgram_saysSo() throws Exception {
        terminal.plugIn();
        Process other = new ProcessBuilder(
                        "timeout",
                        "60",
                        "flock",
                        terminal.path().toRealPath().toString(),
                        "sh",
                        "-c",
                        "echo locked; cat")
                .start();
        assertThat(other.inputReader().readLine()).isEqualTo("locked");
        assertThatThrownBy(link::open).satisfies(e -> assertSays(e, terminal.path(), ": in use by another program"));
        other.getOutputStream().close();
        assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void open_linkPointsToAnotherPortByNow_followsIt() throws IOException {
        Path byId = folder.resolve("by-id");
        try (PseudoTerminal second = new PseudoTerminal(folder.resolve("second"))) {
            terminal.plugIn();
            second.plugIn();
            Files.createSymbolicLink(byId, terminal.path());
            try (SerialLink first = link(byId)) {
                first.open();
                terminal.write("1");
                assertThat(read(first, 1)).containsExactly('1');
            }
            Files.delete(byId);
            Files.createSymbolicLink(byId, second.path());
            try (SerialLink again = link(byId)) {
                again.open();
                second.write("2");
                assertThat(read(again, 1)).containsExactly('2');
            }
        }
    }

    @Test
    void open_closedBefore_opensNothing() throws IOException {
        terminal.plugIn();
        link.close();
        assertThatThrownBy(link::open).satisfies(e -> assertSays(e, terminal.path(), ": closed by the gateway"));
        try (SerialLink other = link(terminal.path())) {
            other.open();
        }
    }

    @Test
    void read_everyByteThereIs_comesUnchanged() throws IOException {
        open();
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        terminal.write(all);
        assertThat(read(link, all.length)).isEqualTo(all);
    }

    @Test
    void read_unplugged_saysSo() throws Exception {
        open();
        FutureTask<Integer> reading = inThread(() -> link.read(new byte[10]));
        terminal.unplug();
        assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining(terminal.path() + ": unplugged");
    }

    @Test
    void read_deviceFileGoneWithoutAHangUp_saysSo() throws Exception {
        terminal.plugIn();
        AtomicBoolean there = new AtomicBoolean(true);
        try (SerialLink vanishing = new SerialLink(settings(terminal.path()), file -> there.get())) {
            vanishing.open();
            FutureTask<Integer> reading = inThread(() -> vanishing.read(new byte[10]));
            there.set(false);
            assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageEndingWith(": unplugged: " + terminal.path().toRealPath() + " is gone");
        }
    }

    @Test
    void read_closedByAnotherThread_ends() throws Exception {
        open();
        FutureTask<Integer> reading = inThread(() -> link.read(new byte[10]));
        link.close();
        assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageEndingWith(terminal.path() + ": closed by the gateway");
    }

    @Test
    void read_anotherProgramMadeReadsReturnAtOnce_endsInsteadOfSpinning() throws Exception {
        open();
        FutureTask<Integer> reading = inThread(() -> link.read(new byte[10]));
        run("stty", "-F", terminal.path().toString(), "min", "0", "time", "0");
        assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("does not wait for bytes");
    }

    @Test
    void close_anotherProgramMadeReadsWaitForEver_endsThem() throws Exception {
        open();
        run("stty", "-F", terminal.path().toString(), "min", "1", "time", "0");
        FutureTask<Integer> reading = inThread(() -> link.read(new byte[10]));
        link.close();
        assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageEndingWith(terminal.path() + ": closed by the gateway");
    }

    @Test
    void process_isToldToEnd_keepsThePortUntilTheGatewayClosesIt() throws Exception {
        terminal.plugIn();
        Process gateway = new ProcessBuilder(
                        "timeout",
                        "60",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndingProcess.class.getName(),
                        terminal.path().toString())
                .start();
        BufferedReader says = gateway.inputReader();
        assertThat(says.readLine()).isEqualTo("ending");
        terminal.write("x");
        assertThat(says.readLine()).isEqualTo("read 1 byte");
        assertThat(gateway.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Opens a port, is told to end, and reads on while it does. */
    static final class EndingProcess {
        public static void main(String[] arguments) throws IOException {
            SerialLink link = link(Path.of(arguments[0]));
            link.open();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                System.out.println("ending");
                try (link) {
                    System.out.println("read " + link.read(new byte[10]) + " byte");
                } catch (IOException e) {
                    System.out.println(e.getMessage());
                }
            }));
            System.exit(0);
        }
    }

    private static byte[] read(SerialLink link, int count) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[100];
        while (all.size() < count) {
            all.write(buffer, 0, link.read(buffer));
        }
        return all.toByteArray();
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static <T> FutureTask<T> inThread(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }
}
