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
        Key<Settings.Limits> limits = keys.section("limits", limits());
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
        Key<Settings.Sync> sync = keys.section("sync", sync());
        return keys.map(values -> new Settings.Data(
                values.get(dir),
                values.get(maxBytes),
                values.get(maxAge),
                values.get(whenFull),
                values.get(shares),
                values.get(sync)));
    }

    private static MapShape<Settings.Sync> sync() {
        Keys keys = new Keys();
        Key<Duration> outageDelay = keys.key("outage-delay", Quantities.duration("0ms", "10s"), "0ms");
        Key<Duration> settleDelay = keys.key("settle-delay", Quantities.duration("0ms", "10s"), "500ms");
        return keys.map(values -> new Settings.Sync(values.get(outageDelay), values.get(settleDelay)));
    }

    private static MapShape<Settings.Shares> shares() {
        Keys keys = new Keys();
        Key<Integer> sessions = keys.key("sessions", Quantities.percent("1%", "100%"), "25%");
        Key<Integer> session = keys.key("session", Quantities.percent("1%", "100%"), "5%");
        return keys.map(values -> new Settings.Shares(values.get(sessions), values.get(session)));
    }

    private static MapShape<Settings.Limits> limits() {
        Keys keys = new Keys();
        Key<Integer> connections = keys.key("connections", Scalars.integer(1, 1_000_000), "4096");
        Key<Integer> sessions = keys.key("sessions", Scalars.integer(1, 10_000_000), "8192");
        Key<Integer> subscriptions = keys.key("subscriptions", Scalars.integer(1, 1_000_000), "1000");
        Key<Integer> allSubscriptions = keys.key("all-subscriptions", Scalars.integer(1, 10_000_000), "50000");
        Key<Integer> packetBytes = keys.key("packet-bytes", Quantities.intBytes("1KiB", "255MiB"), "1MiB");
        Key<Integer> receiveMaximum = keys.key("receive-maximum", Scalars.integer(1, 65_535), "1024");
        Key<Duration> sessionExpiry = keys.key("session-expiry", Quantities.seconds("0s", "49710d"), "30d");
        Key<Duration> keepAlive = keys.key("keep-alive", Quantities.seconds("0s", "65535s"), "0s");
        Key<Integer> retainedMessages = keys.key("retained-messages", Scalars.integer(0, 10_000_000), "10000");
        Key<Long> retainedBytes = keys.key("retained-bytes", Quantities.bytes("0B", "1TiB"), "16MiB");
        Key<Long> ingressBytes = keys.key("ingress-bytes", Quantities.bytes("1MiB", "64GiB"), "16MiB");
        Key<Integer> outboxMessages = keys.key("outbox-messages", Scalars.integer(1, 1_000_000), "16384");
        Key<Long> outboxBytes = keys.key("outbox-bytes", Quantities.bytes("4KiB", "16GiB"), "4MiB");
        return keys.map(values -> new Settings.Limits(
                values.get(connections),
                values.get(sessions),
                values.get(subscriptions),
                values.get(allSubscriptions),
                values.get(packetBytes),
                values.get(receiveMaximum),
                values.get(sessionExpiry),
                values.get(keepAlive),
                values.get(retainedMessages),
                values.get(retainedBytes),
                values.get(ingressBytes),
                values.get(outboxMessages),
                values.get(outboxBytes)));
    }
}
