// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import io.sluice.config.MapShape.Values;
import java.time.Duration;

/** The keys of what all clients together may take; see {@link Schema}. */
final class LimitsSchema {

    private static final long MIB = 1 << 20;

    private LimitsSchema() {}

    static MapShape<Settings.Limits> limits() {
        Keys keys = new Keys();
        Key<Long> memory = keys.key("memory", Quantities.bytes("64MiB", "1TiB"), "128MiB");
        Key<Integer> connections = keys.key("connections", Scalars.integer(1, 1_000_000), "4096");
        Key<Integer> sessions = keys.key("sessions", Scalars.integer(1, 10_000_000), "8192");
        Key<Integer> subscriptions = keys.key("subscriptions", Scalars.integer(1, 1_000_000), "1000");
        Key<Integer> allSubscriptions = keys.key("all-subscriptions", Scalars.integer(1, 10_000_000), "50000");
        Key<Integer> packetBytes = keys.key("packet-bytes", Quantities.intBytes("1KiB", "255MiB"), "1MiB");
        Key<Integer> receiveMaximum = keys.key("receive-maximum", Scalars.integer(1, 65_535), "1024");
        Key<Duration> sessionExpiry = keys.key("session-expiry", Quantities.seconds("0s", "49710d"), "30d");
        Key<Duration> keepAlive = keys.key("keep-alive", Quantities.seconds("0s", "65535s"), "0s");
        Key<Integer> retainedMessages = keys.key("retained-messages", Scalars.integer(0, 10_000_000), "10000");
        Key<Long> retainedBytes = keys.key("retained-bytes", Quantities.bytes("0B", "1TiB"), "8MiB");
        Key<Long> ingressBytes = keys.key("ingress-bytes", Quantities.bytes("1MiB", "64GiB"), "8MiB");
        Key<Integer> outboxMessages = keys.key("outbox-messages", Scalars.integer(1, 1_000_000), "16384");
        Key<Long> outboxBytes = keys.key("outbox-bytes", Quantities.bytes("4KiB", "16GiB"), "4MiB");
        return keys.map(values -> {
            Settings.Memory shares = Settings.Memory.of(values.get(memory));
            fit(values, retainedBytes, values.get(retainedBytes) + values.get(ingressBytes), shares.storesBytes());
            fit(values, outboxBytes, values.get(outboxBytes), shares.outboxesBytes());
            fit(values, packetBytes, values.get(packetBytes), shares.packetBytesMax());
            return new Settings.Limits(
                    shares,
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
                    values.get(outboxBytes));
        });
    }

    /** Refuses limits that cannot be kept to within the memory. */
    private static void fit(Values values, Key<?> key, long bytes, long share) {
        if (bytes > share) {
            String what = key.name().equals("retained-bytes")
                    ? "'retained-bytes' and 'ingress-bytes' together are"
                    : "'" + key.name() + "' is";
            values.refuse(
                    key,
                    "%s %d MiB, and 'memory' has %d MiB for that".formatted(what, rounded(bytes), share / MIB),
                    "make it smaller, or 'memory' larger");
        }
    }

    private static long rounded(long bytes) {
        return (bytes + MIB - 1) / MIB;
    }
}
