// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As a service of systemd, whose socket a line of Perl holds here. Needs perl, timeout and systemd-notify. */
@Tag("process")
final class ServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            """;

    /** Unlike socat, it lets go what comes with a datagram, for which systemd-notify waits. */
    private static final String RECEIVER = """
            use Socket;
            socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die $!;
            bind($socket, sockaddr_un($ARGV[0])) or die $!;
            $| = 1;
            while (defined recv($socket, my $told, 65536, 0)) { print "$told\\n" }
            """;

    @TempDir
    Path dir;

    @Test
    void service_ofTypeNotify_saysThatItIsReadyThatItLivesAndThatItStops() throws IOException {
        Path socket = dir.resolve("notify");
        Path told = Files.createFile(dir.resolve("told"));
        Process systemd = new ProcessBuilder("timeout", "120", "perl", "-e", RECEIVER, socket.toString())
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            await(socket, "");
            List<String> environment =
                    List.of("NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=2000000", "JOURNAL_STREAM=8:1234");
            try (GatewayProcess gateway = GatewayProcess.startIn(environment, YAML)) {
                await(told, "READY=1");
                await(told, "STATUS=gateway plant-7 is running");
                await(told, "WATCHDOG=1");

                assertThat(gateway.terminate()).isZero();

                await(told, "STOPPING=1");
                assertThat(gateway.log().lines())
                        .isNotEmpty()
                        .allMatch(line -> line.startsWith("<6>"), "has the priority of what is for information")
                        .contains("<6>gateway plant-7 is running");
            }
        } finally {
            systemd.descendants().forEach(ProcessHandle::destroyForcibly);
            systemd.destroyForcibly();
        }
    }

    private static void await(Path file, String text) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file) || !(text.isEmpty() || Files.readString(file).contains(text))) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "not in " + file + " within " + PATIENCE + ": " + text + "\n" + Files.readString(file));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
