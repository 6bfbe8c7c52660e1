// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.RunningGateway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What mosquitto_pub and mosquitto_sub say of the gateway. */
@Tag("wire")
@Timeout(60)
final class MosquittoClientsTest {

    private final RunningGateway gateway = RunningGateway.start();

    @AfterEach
    void close() {
        gateway.close();
    }

    /** Runs one of them; what it has printed. */
    private String run(String program, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("timeout", "30", program, "-h", "127.0.0.1", "-p"));
        command.add(String.valueOf(gateway.port()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed.strip();
    }

    private void retain(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-V", "mqttv5", "-r", "-q", "1", "-t", "plant/boiler", "-m", "42"));
        all.addAll(List.of(options));
        run("mosquitto_pub", all.toArray(String[]::new));
    }

    @Test
    void subscriptionIdentifier_isGivenWithWhatMatches() throws IOException, InterruptedException {
        retain();
        assertThat(run(
                        "mosquitto_sub",
                        "-V",
                        "mqttv5",
                        "-t",
                        "plant/#",
                        "-D",
                        "subscribe",
                        "subscription-identifier",
                        "268435455",
                        "-C",
                        "1",
                        "-F",
                        "%S %r %p"))
                .isEqualTo("268435455 1 42");
    }

    @Test
    void properties_areForwarded() throws IOException, InterruptedException {
        retain(
                "-D",
                "publish",
                "response-topic",
                "answers",
                "-D",
                "publish",
                "content-type",
                "text/plain",
                "-D",
                "publish",
                "user-property",
                "unit",
                "bar");
        assertThat(run("mosquitto_sub", "-V", "mqttv5", "-t", "plant/+", "-C", "1", "-F", "%R %C %P %p"))
                .isEqualTo("answers text/plain unit:bar 42");
    }

    @Test
    void versions_eachReadsWhatTheOthersSay() throws IOException, InterruptedException {
        retain();
        assertThat(run("mosquitto_sub", "-V", "mqttv311", "-t", "#", "-C", "1", "-F", "%t %p"))
                .isEqualTo("plant/boiler 42");
    }
}
