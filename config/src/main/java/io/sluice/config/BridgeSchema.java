// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import io.sluice.rules.BridgeRule.Retain;
import io.sluice.rules.BridgeRule.RetainHandling;
import io.sluice.topic.Qos;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The keys of a bridge; see {@link Schema}. */
final class BridgeSchema {

    private static final int RULE_NAME_LENGTH_MAX = 200;

    private BridgeSchema() {}

    static MapShape<Drafts.Bridge> bridge() {
        Keys keys = new Keys();
        Key<Optional<Drafts.Upstream>> upstream = keys.required(
                "upstream", new Shape.Lenient<>(upstream()), "'upstream: {addresses: [\"mqtts://HOST\"]}'");
        Key<List<Drafts.Rule>> rules = keys.section("rules", new Shape.Items<>(rule()));
        return keys.map(values -> new Drafts.Bridge(values.get(upstream), values.get(rules)));
    }

    private static MapShape<Drafts.Upstream> upstream() {
        Keys keys = new Keys();
        Key<List<URI>> addresses = keys.required("addresses", addresses(), "'addresses: [\"mqtts://HOST\"]'");
        Key<Located<String>> clientId = keys.key("client-id", Scalars.text().located(), "\"{gateway}-{bridge}\"");
        Key<Optional<String>> userName = keys.optional("username", Scalars.text());
        Key<Optional<String>> password = keys.optional("password", Scalars.text());
        Key<Optional<Settings.Tls>> tls = keys.optional("tls", tls());
        Key<Duration> keepAlive = keys.key("keep-alive", Quantities.seconds("1s", "65535s"), "30s");
        Key<Duration> sessionExpiry = keys.key("session-expiry", Quantities.seconds("0s", "49710d"), "1d");
        Key<Duration> connectTimeout = keys.key("connect-timeout", Quantities.duration("100ms", "10m"), "10s");
        Key<Pauses> reconnect = keys.section("reconnect", reconnect());
        Key<Integer> window = keys.key("window", Scalars.integer(1, 65_535), "1000");
        return keys.map(values -> {
            boolean anyTls = values.get(addresses).stream()
                    .anyMatch(uri -> Set.of("mqtts", "wss").contains(uri.getScheme()));
            if (values.get(tls).isPresent() && !anyTls) {
                values.refuse(
                        tls,
                        "'tls' is given, but no address begins with mqtts:// or wss://",
                        "write mqtts:// in 'addresses', or remove 'tls'");
            }
            return new Drafts.Upstream(
                    values.get(clientId),
                    id -> new Settings.Upstream(
                            values.get(addresses),
                            id,
                            values.get(userName),
                            values.get(password),
                            values.get(tls),
                            values.get(keepAlive),
                            values.get(sessionExpiry),
                            values.get(connectTimeout),
                            values.get(reconnect).first(),
                            values.get(reconnect).last(),
                            values.get(window)));
        });
    }

    private static Shape<List<URI>> addresses() {
        return new Shape.Items<>(Scalars.brokerAddress()).then((addresses, place, document) -> {
            if (addresses.isEmpty()) {
                throw new Wrong("'{name}' has no address", "name at least one: [\"mqtts://HOST\"]");
            }
            return addresses;
        });
    }

    private static MapShape<Settings.Tls> tls() {
        Keys keys = new Keys();
        Key<Optional<Path>> ca = keys.optional("ca", Scalars.path());
        Key<Optional<Path>> certificate = keys.optional("certificate", Scalars.path());
        Key<Optional<Path>> key = keys.optional("key", Scalars.path());
        return keys.map(values -> {
            if (values.get(certificate).isPresent() && values.get(key).isEmpty()) {
                values.refuse(certificate, "'certificate' is given without its 'key'", "add 'key: FILE'");
            }
            if (values.get(key).isPresent() && values.get(certificate).isEmpty()) {
                values.refuse(key, "'key' is given without its 'certificate'", "add 'certificate: FILE'");
            }
            return new Settings.Tls(values.get(ca), values.get(certificate), values.get(key));
        });
    }

    private record Pauses(Duration first, Duration last) {}

    private static MapShape<Pauses> reconnect() {
        Keys keys = new Keys();
        Key<Duration> first = keys.key("first", Quantities.duration("10ms", "1d"), "1s");
        Key<Duration> last = keys.key("last", Quantities.duration("10ms", "1d"), "60s");
        return keys.map(values -> {
            if (values.get(first).compareTo(values.get(last)) > 0) {
                values.refuse(first, "'first' is longer than 'last'", "the pauses grow from 'first' to 'last'");
            }
            return new Pauses(values.get(first), values.get(last));
        });
    }

    private static Shape<Drafts.Rule> rule() {
        Map<String, MapShape<? extends Drafts.Rule>> variants = new LinkedHashMap<>();
        variants.put("forward", forward());
        variants.put("fetch", fetch());
        return new OneOf<>(variants);
    }

    private static MapShape<Drafts.Forward> forward() {
        Keys keys = new Keys();
        Key<Located<String>> from = keys.required("forward", Scalars.text().located(), "'forward: FILTER'");
        Key<Optional<Located<String>>> to = keys.optional("to", Scalars.text().located());
        Key<Optional<Located<String>>> name = keys.optional("name", ruleName());
        Key<Optional<Qos>> qos = keys.key("qos", linkQos(true), "1");
        Key<Retain> retain = keys.key("retain", Scalars.word(Retain.class), "keep");
        Key<List<Located<String>>> exclude =
                keys.section("exclude", new Shape.Items<>(Scalars.text().located()));
        return keys.map(values -> new Drafts.Forward(
                values.get(from),
                values.get(to),
                values.get(name),
                values.get(qos),
                values.get(retain),
                values.get(exclude)));
    }

    private static MapShape<Drafts.Fetch> fetch() {
        Keys keys = new Keys();
        Key<Located<String>> from = keys.required("fetch", Scalars.text().located(), "'fetch: FILTER'");
        Key<Optional<Located<String>>> to = keys.optional("to", Scalars.text().located());
        Key<Optional<Located<String>>> name = keys.optional("name", ruleName());
        Key<Optional<Qos>> qos = keys.key("qos", linkQos(false), "1");
        Key<Boolean> noLocal = keys.key("no-local", Scalars.flag(), "true");
        Key<Boolean> retainAsPublished = keys.key("retain-as-published", Scalars.flag(), "true");
        Key<RetainHandling> retainHandling =
                keys.key("retain-handling", Scalars.word(RetainHandling.class), "send-if-new");
        return keys.map(values -> new Drafts.Fetch(
                values.get(from),
                values.get(to),
                values.get(name),
                values.get(qos).orElseThrow(),
                values.get(noLocal),
                values.get(retainAsPublished),
                values.get(retainHandling)));
    }

    private static Shape<Optional<Qos>> linkQos(boolean keepable) {
        Map<String, Optional<Qos>> words = new LinkedHashMap<>();
        words.put("0", Optional.of(Qos.AT_MOST_ONCE));
        words.put("1", Optional.of(Qos.AT_LEAST_ONCE));
        if (keepable) {
            words.put("keep", Optional.empty());
        }
        Wrong notOffered = new Wrong(
                "'{name}' is 2, and QoS 2 across a bridge is not offered yet",
                "write 1: nothing is lost, something may arrive twice");
        return Scalars.words(words, Map.of("2", notOffered));
    }

    private static Shape<Located<String>> ruleName() {
        return Scalars.text()
                .then((text, place, document) -> {
                    if (text.length() > RULE_NAME_LENGTH_MAX || text.chars().anyMatch(Character::isISOControl)) {
                        throw new Wrong(
                                "'{name}' is too long or has control characters", "use at most 200 plain characters");
                    }
                    return text;
                })
                .located();
    }
}
