// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.GatewayProcess;
import io.sluice.gateway.GatewayProcess.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees at the prompt: words and exit statuses. */
@Tag("process")
final class CommandLineTest {

    private static final String YAML = """
            gateway: {id: plant-7}
            data: {dir: DATA}
            listeners: {local: {port: PORT}}
            """;
    private static final String BROKEN = """
            gatway: {id: plant-7}
            data: {dir: DATA, max-bytes: 4 gigabytes}
            """;

    @TempDir
    Path dir;

    @Test
    void run_dataInUse_isRefused() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.start(YAML)) {
            Path other = dir.resolve("other.yaml");
            Files.writeString(other, YAML.replace("PORT", "0").replace("DATA", String.valueOf(gateway.data())));

            Ended second = GatewayProcess.run("run", "--config", String.valueOf(other));

            assertThat(second.status()).isEqualTo(1);
            assertThat(second.output())
                    .isEqualTo("sluice: the journal in " + gateway.data()
                            + "/journal is held by another running gateway\n");
            assertThat(gateway.terminate()).isZero();
        }
    }

    @Test
    void run_portTaken_isRefusedAndNamesIt() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = GatewayProcess.run("run", "--config", file(YAML, taken.getLocalPort()));

            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.output())
                    .isEqualTo("sluice: listener local: cannot listen on 127.0.0.1:" + taken.getLocalPort()
                            + ": Address already in use\n");
        }
    }

    @Test
    void check_goodFile_saysSo() throws IOException {
        Ended ended = GatewayProcess.run("check", "--config", file(YAML, 0));

        assertThat(ended.status()).isZero();
        assertThat(ended.output()).contains("is fine: gateway plant-7, 1 listener, 0 devices, 0 bridges");
        assertThat(dir.resolve("data")).doesNotExist();
    }

    @Test
    void checkAndRun_brokenFile_tellEveryProblemAndStartNothing() throws IOException {
        String file = file(BROKEN, 0);
        for (String command : new String[] {"check", "run"}) {
            Ended ended = GatewayProcess.run(command, "--config", file);

            assertThat(ended.status()).isEqualTo(2);
            assertThat(ended.output().lines())
                    .hasSize(2)
                    .anySatisfy(
                            line -> assertThat(line).startsWith(file + ":1:1: ").contains("did you mean 'gateway'"))
                    .anySatisfy(
                            line -> assertThat(line).startsWith(file + ":2:").contains("4 gigabytes"));
            assertThat(dir.resolve("data")).doesNotExist();
        }
    }

    @Test
    void config_printed_isAFileThatCheckAccepts() throws IOException {
        Ended printed = GatewayProcess.run("config");
        Path file = dir.resolve("printed.yaml");
        Files.writeString(file, printed.output());

        assertThat(printed.status()).isZero();
        assertThat(GatewayProcess.run("check", "--config", String.valueOf(file)).status())
                .isZero();
    }

    private String file(String yaml, int port) throws IOException {
        Path file = dir.resolve("sluice.yaml");
        Files.writeString(
                file, yaml.replace("PORT", String.valueOf(port)).replace("DATA", String.valueOf(dir.resolve("data"))));
        return String.valueOf(file);
    }
}
