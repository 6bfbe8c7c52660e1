// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.client.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fixture itself, with Mosquitto behind a script in the gateway's place. */
final class GatewayProcessTest {

    private static final String CONFIGURATION = "listener PORT 127.0.0.1\nallow_anonymous true\n";

    @TempDir
    Path dir;

    private List<String> program;

    @BeforeEach
    void write() throws IOException {
        Path script = dir.resolve("program");
        Files.writeString(script, "#!/bin/sh\necho \"begins: $1 $2\"\nexec mosquitto -c \"$3\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        program = List.of(script.toString());
    }

    @Test
    void gateway_killedAndStartedAgain_listensOnTheSamePort() throws IOException {
        try (GatewayProcess gateway = GatewayProcess.start(program, CONFIGURATION)) {
            long first = gateway.pid();
            gateway.kill();
            assertThatThrownBy(() -> RawClient.connected(gateway.port(), "client"))
                    .isInstanceOf(IOException.class);

            gateway.restart();

            assertThat(gateway.pid()).isNotEqualTo(first);
            RawClient.connected(gateway.port(), "client").close();
            assertThat(gateway.log().lines().filter(line -> line.equals("begins: run --config")))
                    .hasSize(2);
            assertThat(gateway.data()).isEmptyDirectory();
        }
    }

    @Test
    void gateway_terminated_tellsItsExitStatus() {
        try (GatewayProcess gateway = GatewayProcess.start(program, CONFIGURATION)) {
            assertThat(gateway.terminate()).isZero();
        }
    }

    @Test
    void gateway_thatDoesNotStart_showsItsLog() {
        assertThatThrownBy(() -> GatewayProcess.start(program, "no such option\n"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Unknown configuration variable");
    }
}
