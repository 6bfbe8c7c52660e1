// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Every key of {@code sluice.yaml}: its type, range and default. The only place where they are declared; reading, suggestions and
 * the test of the reference file all draw from here. A new key is a line here, its use in the record below it, and its text in the
 * reference file.
 */
final class Schema {

    private Schema() {}

    static MapShape<Drafts.Whole> whole() {
        Keys keys = new Keys();
        Key<String> id = gatewayId(keys);
        Key<Settings.Data> data = keys.section("data", data());
        Key<Settings.Limits> limits = keys.section("limits", LimitsSchema.limits());
        Key<Settings.Mqtt> mqtt = keys.section("mqtt", MqttSchema.mqtt());
        Key<List<Named<Drafts.Listener>>> listeners =
                keys.key("listeners", new Shape.Names<>(ListenerSchema.listener()), "{local: {port: 1883}}");
        Key<List<Named<Drafts.Access>>> access = keys.section("access", new Shape.Names<>(ListenerSchema.access()));
        Key<List<Named<Drafts.Device>>> devices = keys.section("devices", new Shape.Names<>(DeviceSchema.device()));
        Key<List<Named<Drafts.Bridge>>> bridges = keys.section("bridges", new Shape.Names<>(BridgeSchema.bridge()));
        return keys.map(values -> new Drafts.Whole(
                values.get(id),
                values.get(data),
                values.get(limits),
                values.get(mqtt),
                values.get(listeners),
                values.get(access),
                values.get(devices),
                values.get(bridges)));
    }

    private static Key<String> gatewayId(Keys whole) {
        Keys keys = new Keys();
        Key<String> id = keys.key("id", Scalars.topicLevel(), "${host}");
        return whole.section("gateway", keys.map(values -> values.get(id)));
    }

    private static MapShape<Settings.Data> data() {
        Keys keys = new Keys();
        Key<Path> dir = keys.key("dir", Scalars.path(), "/var/lib/sluice");
        Key<Long> maxBytes = keys.key("max-bytes", Quantities.bytes("64MiB", "16TiB"), "4GiB");
        Key<Duration> maxAge = keys.key("max-age", Quantities.duration("1m", "36500d"), "14d");
        Key<Settings.WhenFull> whenFull = keys.key("when-full", Scalars.word(Settings.WhenFull.class), "drop-oldest");
        Key<Settings.Shares> shares = keys.section("shares", shares());
        return keys.map(values -> new Settings.Data(
                values.get(dir), values.get(maxBytes), values.get(maxAge), values.get(whenFull), values.get(shares)));
    }

    private static MapShape<Settings.Shares> shares() {
        Keys keys = new Keys();
        Key<Integer> sessions = keys.key("sessions", Quantities.percent("1%", "100%"), "25%");
        Key<Integer> session = keys.key("session", Quantities.percent("1%", "100%"), "5%");
        return keys.map(values -> new Settings.Shares(values.get(sessions), values.get(session)));
    }
}
