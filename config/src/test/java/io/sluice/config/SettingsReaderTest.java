// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.device.DeviceSettings;
import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {

    private static final String REALISTIC = """
            gateway: {id: "${host}-east"}
            data: {dir: data, max-bytes: 512MiB, max-age: 36h, when-full: reject, shares: {sessions: 40%, session: 10%},
              sync: {outage-delay: 1s, settle-delay: 250ms}}
            limits:
              connections: 50
              session-expiry: 7d
              keep-alive: 5m
              packet-bytes: 64KB

            listeners:
              local: {port: 1883}
              six: {bind: "::1", port: 1883}

            devices:
              boiler: &line
                serial: /dev/serial/by-id/usb-FTDI-0
                baud: 19200
                parity: even
                stop-bits: 2
                framing: {line: {bytes-max: 256B}}
                decode: {csv: {fields: [temperature, pressure], separator: ";"}}
                publish: {topic: "sensors/{device}/{field}", qos: 0, retain: true}
              scale: {tcp: "[fe80::1]:4001", framing: line, decode: text, publish: {topic: "{gateway}/{device}"}}

            bridges:
              cloud:
                upstream:
                  addresses: ["mqtts://a.example:8884", "mqtts://b.example", "wss://c.example", "ws://d.example:81/a/b"]
                  client-id: "gw-{gateway}-{bridge}"
                  username: plant-7
                  password: "${env:CLOUD_PASSWORD}"
                  tls: {ca: /etc/ssl/ca.pem, certificate: client.pem, key: client.key}
                  keep-alive: 1m
                  reconnect: {first: 500ms, last: 2m}
                  window: 20
                rules:
                  - {forward: "sensors/+/+", to: "site/{gateway}/+/+", qos: keep, retain: set, exclude: ["sensors/+/raw"]}
                  - {forward: "alarms/#", name: alarms, qos: 1}
                  - {fetch: "site/{gateway}/commands/#", to: "commands/#", qos: 0, no-local: false,
                     retain-as-published: false, retain-handling: never}
            """;

    @TempDir
    Path dir;

    @Test
    void settings_realisticFile_sayWhatItSays() {
        Settings settings = new Readings(dir, Map.of("CLOUD_PASSWORD", "pa$$word")).valid(REALISTIC);
        assertThat(settings.gatewayId()).isEqualTo("plant-7-east");
        assertThat(settings.data())
                .isEqualTo(new Settings.Data(
                        dir.resolve("data"),
                        512L << 20,
                        Duration.ofHours(36),
                        Settings.WhenFull.REJECT,
                        new Settings.Shares(40, 10),
                        new Settings.Sync(Duration.ofSeconds(1), Duration.ofMillis(250))));
        assertThat(settings.limits().connections()).isEqualTo(50);
        assertThat(settings.limits().sessionExpiry()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.limits().keepAlive()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.limits().packetBytes()).isEqualTo(64_000);
        assertThat(settings.listeners())
                .containsExactly(
                        Settings.Listener.plain("local", "127.0.0.1", 1883),
                        Settings.Listener.plain("six", "::1", 1883));
        assertThat(settings.devices())
                .containsExactly(
                        new Settings.Device(
                                new DeviceSettings(
                                        "boiler",
                                        new Link.Serial(
                                                "/dev/serial/by-id/usb-FTDI-0",
                                                19_200,
                                                8,
                                                DeviceSettings.Parity.EVEN,
                                                DeviceSettings.StopBits.TWO),
                                        new Framing.Line(256),
                                        new Decoding.Csv(List.of("temperature", "pressure"), ';')),
                                "sensors/boiler/{field}",
                                Qos.AT_MOST_ONCE,
                                true),
                        new Settings.Device(
                                new DeviceSettings(
                                        "scale",
                                        new Link.Tcp("fe80::1", 4001),
                                        new Framing.Line(4096),
                                        new Decoding.Text()),
                                "plant-7-east/scale",
                                Qos.AT_LEAST_ONCE,
                                false));
        checkBridge(settings.bridges().getFirst());
    }

    private void checkBridge(Settings.Bridge bridge) {
        Settings.Upstream upstream = bridge.upstream();
        assertThat(upstream.addresses())
                .containsExactly(
                        URI.create("mqtts://a.example:8884"),
                        URI.create("mqtts://b.example:8883"),
                        URI.create("wss://c.example:443/mqtt"),
                        URI.create("ws://d.example:81/a/b"));
        assertThat(upstream.clientId()).isEqualTo("gw-plant-7-east-cloud");
        assertThat(upstream.userName()).contains("plant-7");
        assertThat(upstream.password()).contains("pa$$word");
        assertThat(upstream.tls())
                .contains(new Settings.Tls(
                        Optional.of(Path.of("/etc/ssl/ca.pem")),
                        Optional.of(dir.resolve("client.pem")),
                        Optional.of(dir.resolve("client.key"))));
        assertThat(upstream.keepAlive()).isEqualTo(Duration.ofMinutes(1));
        assertThat(upstream.reconnectFirst()).isEqualTo(Duration.ofMillis(500));
        assertThat(upstream.reconnectLast()).isEqualTo(Duration.ofMinutes(2));
        assertThat(upstream.window()).isEqualTo(20);
        assertThat(bridge.rules())
                .extracting(BridgeRule::name)
                .containsExactly(
                        "forward sensors/+/+ to site/{gateway}/+/+",
                        "alarms",
                        "fetch site/{gateway}/commands/# to commands/#");
        BridgeRule.Forward forward = (BridgeRule.Forward) bridge.rules().getFirst();
        assertThat(forward.to().to()).hasToString("site/plant-7-east/+/+");
        assertThat(forward.qos()).isEmpty();
        assertThat(forward.retain()).isEqualTo(BridgeRule.Retain.SET);
        assertThat(forward.excludes()).hasToString("[sensors/+/raw]");
        BridgeRule.Fetch fetch = (BridgeRule.Fetch) bridge.rules().getLast();
        assertThat(fetch.from()).hasToString("site/plant-7-east/commands/#");
        assertThat(fetch.qos()).isEqualTo(Qos.AT_MOST_ONCE);
        assertThat(fetch.noLocal()).isFalse();
        assertThat(fetch.retainAsPublished()).isFalse();
        assertThat(fetch.retainHandling()).isEqualTo(BridgeRule.RetainHandling.NEVER);
    }

    @Test
    void settings_json_areReadToo() {
        Settings settings = new Readings(dir)
                .valid("{\"gateway\": {\"id\": \"j\"}, \"listeners\": {\"a\": {\"bind\": \"::1\", \"port\": 0}}}");
        assertThat(settings.gatewayId()).isEqualTo("j");
        assertThat(settings.listeners()).containsExactly(Settings.Listener.plain("a", "::1", 0));
    }

    /** What YAML 1.1 would turn into a boolean or a number. */
    @ParameterizedTest
    @CsvSource({"7", "no", "on", "true", "1_000", "012", "1:30", "0x1F", "1e3", "2026-01-01", ".inf", "'7'", "'~'"})
    void text_thatLooksLikeSomethingElse_isTakenVerbatim(String id) {
        String yaml = "gateway: {id: " + (id.equals("~") ? "'~'" : id) + "}";
        assertThat(new Readings(dir).valid(yaml).gatewayId()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({"0s,0", "1500s,1500000", "2m,120000", "3h,10800000", "14d,1209600000"})
    void time_units_areWhatTheySay(String text, long millis) {
        Settings settings = new Readings(dir).valid("limits: {session-expiry: " + text + "}");
        assertThat(settings.limits().sessionExpiry()).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({
        "67108864B,67108864", "65536KiB,67108864", "64MiB,67108864", "4GiB,4294967296", "1TiB,1099511627776",
        "100000KB,100000000", "100MB,100000000", "4GB,4000000000", "1TB,1000000000000", "'64MiB',67108864"
    })
    void size_units_areWhatTheySay(String text, long bytes) {
        assertThat(new Readings(dir)
                        .valid("data: {max-bytes: " + text + "}")
                        .data()
                        .maxBytes())
                .isEqualTo(bytes);
    }

    @Test
    void expression_everyKind_isReplaced() throws IOException {
        Files.writeString(dir.resolve("id.txt"), "from-file\n");
        Files.writeString(Files.createDirectory(dir.resolve("creds")).resolve("id"), "from-cred");
        Readings readings = new Readings(
                dir,
                Map.of(
                        "ID",
                        "from-env",
                        "PORT",
                        "2883",
                        "CREDENTIALS_DIRECTORY",
                        dir.resolve("creds").toString()));
        assertThat(id(readings, "${env:ID}")).isEqualTo("from-env");
        assertThat(id(readings, "${env:NONE:other}")).isEqualTo("other");
        assertThat(id(readings, "${env:NONE:a:b}")).isEqualTo("a:b");
        assertThat(id(readings, "${env:ID:other}-${host}")).isEqualTo("from-env-plant-7");
        assertThat(id(readings, "${file:id.txt}")).isEqualTo("from-file");
        assertThat(id(readings, "${cred:id}")).isEqualTo("from-cred");
        assertThat(id(readings, "${machine-id}")).isEqualTo("0123456789abcdef0123456789abcdef");
        assertThat(id(readings, "a$b$$c")).isEqualTo("a$b$$c");
        assertThat(readings.valid("listeners: {a: {port: '${env:PORT}'}}")
                        .listeners()
                        .getFirst()
                        .port())
                .isEqualTo(2883);
        assertThat(readings.valid("listeners:\n  a:\n    port: ${env:PORT}")
                        .listeners()
                        .getFirst()
                        .port())
                .isEqualTo(2883);
    }

    @Test
    void expression_escapedOrFromAnExpression_staysText() {
        Readings readings = new Readings(dir, Map.of("P", "${env:HOME}"));
        assertThat(password(readings, "a$${b}")).isEqualTo("a${b}");
        assertThat(password(readings, "${env:P}")).isEqualTo("${env:HOME}");
    }

    @Test
    void settings_printed_showNoSecret() {
        Settings settings = new Readings(dir, Map.of("CLOUD_PASSWORD", "hunter2")).valid(REALISTIC);
        assertThat(settings.toString()).contains("a.example").doesNotContain("hunter2");
    }

    @Test
    void alias_withinBounds_isWhatItStandsFor() {
        Settings settings = new Readings(dir).valid("""
                        devices:
                          a: {serial: /dev/a, publish: &p {topic: "x/{device}"}}
                          b: {serial: /dev/b, publish: *p}
                        """);
        assertThat(settings.devices()).extracting(Settings.Device::topic).containsExactly("x/a", "x/b");
    }

    @Test
    void file_withByteOrderMarkAndWindowsLineEnds_isRead() {
        assertThat(new Readings(dir).valid("\ufeffgateway:\r\n  id: w\r\n").gatewayId())
                .isEqualTo("w");
    }

    @Test
    void read_onThisMachine_findsTheHostName() throws IOException {
        Path file = Files.writeString(dir.resolve("sluice.yaml"), "");
        assertThat(SettingsReader.read(file, Map.of())).isInstanceOf(SettingsReader.Valid.class);
    }

    private static String id(Readings readings, String text) {
        return readings.valid("gateway: {id: \"" + text + "\"}").gatewayId();
    }

    private static String password(Readings readings, String text) {
        return readings.valid("bridges: {a: {upstream: {addresses: [mqtt://a], password: \"" + text + "\"}}}")
                .bridges()
                .getFirst()
                .upstream()
                .password()
                .orElseThrow();
    }
}
