// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.device.DeviceSettings;
import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.rules.BridgeRule;
import io.sluice.rules.Renaming;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every default once more, so that none changes unnoticed. */
class DefaultsTest {

    @TempDir
    Path dir;

    @Test
    void settings_emptyFile_areTheDefaults() {
        assertThat(new Readings(dir).valid(""))
                .isEqualTo(new Settings(
                        "plant-7",
                        new Settings.Data(
                                Path.of("/var/lib/sluice"),
                                4_294_967_296L,
                                Duration.ofDays(14),
                                Settings.WhenFull.DROP_OLDEST,
                                new Settings.Shares(25, 5)),
                        new Settings.Limits(
                                new Settings.Memory(67_108_864L, 16_777_216L),
                                4_096,
                                8_192,
                                1_000,
                                50_000,
                                1_048_576,
                                1_024,
                                Duration.ofDays(30),
                                Duration.ZERO,
                                10_000,
                                8_388_608L,
                                8_388_608L,
                                16_384,
                                4_194_304L),
                        new Settings.Mqtt(
                                Qos.EXACTLY_ONCE,
                                true,
                                true,
                                true,
                                true,
                                16,
                                true,
                                Duration.ofSeconds(10),
                                Optional.empty(),
                                Optional.empty()),
                        List.of(Settings.Listener.plain("local", "127.0.0.1", 1_883)),
                        List.of(),
                        List.of(),
                        List.of()));
    }

    @Test
    void settings_keysWithNothingBehindThem_areTheDefaults() {
        Readings readings = new Readings(dir);
        Settings defaults = readings.valid("");
        assertThat(readings.valid("gateway:\ndata: ~\nlimits: {}\nmqtt: {}\ndevices: {}\nbridges: null\n"))
                .isEqualTo(defaults);
        assertThat(readings.valid("listeners: {}\n").listeners()).isEmpty();
        assertThat(readings.valid("listeners:\n").listeners()).isEmpty();
        assertThat(readings.valid("listeners: {local:}\n")).isEqualTo(defaults);
    }

    @Test
    void access_shortest_hasTheDefaults() {
        assertThat(new Readings(dir).valid("access: {a: {anonymous: true}}").access())
                .containsExactly(new Settings.Access("a", Optional.empty(), true, List.of()));
    }

    @Test
    void access_rules_keepWhatEachClientFills() {
        Settings settings = new Readings(dir).valid("""
                listeners: {plant: {bind: 0.0.0.0, access: a}}
                access:
                  a:
                    anonymous: true
                    allow: [{publish: "{gateway}/{user}/{client}"}, {user: "*", subscribe: [a, b/#], publish: c}]
                """);
        assertThat(settings.listeners())
                .containsExactly(new Settings.Listener(
                        "plant",
                        "0.0.0.0",
                        1_883,
                        Optional.of("a"),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        new Settings.ListenerLimits(
                                OptionalInt.empty(), OptionalInt.empty(), Duration.ofSeconds(10), 1_000)));
        assertThat(settings.access().getFirst().allow())
                .containsExactly(
                        new Settings.Allow(Optional.empty(), List.of("plant-7/{user}/{client}"), List.of()),
                        new Settings.Allow(Optional.of("*"), List.of("c"), List.of("a", "b/#")));
    }

    @Test
    void device_shortestSerial_hasTheDefaults() {
        Settings settings =
                new Readings(dir).valid("devices: {boiler: {serial: /dev/ttyUSB0, publish: {topic: 'a/{device}'}}}");
        assertThat(settings.devices())
                .containsExactly(new Settings.Device(
                        new DeviceSettings(
                                "boiler",
                                new Link.Serial(
                                        "/dev/ttyUSB0",
                                        9_600,
                                        8,
                                        DeviceSettings.Parity.NONE,
                                        DeviceSettings.StopBits.ONE),
                                new Framing.Line(4_096),
                                new Decoding.Text()),
                        "a/boiler",
                        Qos.AT_LEAST_ONCE,
                        false));
    }

    @Test
    void device_shortestTcpWithCsv_hasTheDefaults() {
        Settings settings = new Readings(dir)
                .valid("devices: {scale: {tcp: '10.0.4.9:4001', decode: {csv: [a, b]}, publish: {topic: a}}}");
        assertThat(settings.devices().getFirst().settings())
                .isEqualTo(new DeviceSettings(
                        "scale",
                        new Link.Tcp("10.0.4.9", 4_001),
                        new Framing.Line(4_096),
                        new Decoding.Csv(List.of("a", "b"), ',')));
    }

    @Test
    void bridge_shortest_hasTheDefaults() {
        Settings settings = new Readings(dir).valid("bridges: {cloud: {upstream: {addresses: [mqtt://a.example]}}}");
        assertThat(settings.bridges())
                .containsExactly(new Settings.Bridge(
                        "cloud",
                        new Settings.Upstream(
                                List.of(URI.create("mqtt://a.example:1883")),
                                "plant-7-cloud",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Duration.ofSeconds(30),
                                Duration.ofDays(1),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(60),
                                1_000),
                        List.of()));
    }

    @Test
    void rules_shortest_haveTheDefaults() {
        Settings settings = new Readings(dir).valid("""
                        bridges:
                          cloud:
                            upstream: {addresses: [mqtts://a.example]}
                            rules:
                              - forward: up/#
                              - {fetch: down/#, to: "here/#"}
                        """);
        TopicFilter up = TopicFilter.of("up/#");
        TopicFilter down = TopicFilter.of("down/#");
        assertThat(settings.bridges().getFirst().rules())
                .containsExactly(
                        new BridgeRule.Forward(
                                "forward up/#",
                                up,
                                Renaming.of(up, up),
                                Optional.of(Qos.AT_LEAST_ONCE),
                                BridgeRule.Retain.KEEP,
                                List.of()),
                        new BridgeRule.Fetch(
                                "fetch down/# to here/#",
                                down,
                                Renaming.of(down, TopicFilter.of("here/#")),
                                Qos.AT_LEAST_ONCE,
                                true,
                                true,
                                BridgeRule.RetainHandling.SEND_IF_NEW));
        assertThat(settings.bridges().getFirst().upstream().addresses())
                .containsExactly(URI.create("mqtts://a.example:8883"));
    }
}
