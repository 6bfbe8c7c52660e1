// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The keys of listeners and of their access rules; see {@link Schema}. */
final class ListenerSchema {

    private ListenerSchema() {}

    static MapShape<Drafts.Listener> listener() {
        Keys keys = new Keys();
        Key<Located<String>> bind = keys.key("bind", Scalars.address().located(), "127.0.0.1");
        Key<Located<Integer>> port = keys.key("port", Scalars.integer(0, 65_535).located(), "1883");
        Key<Optional<Located<String>>> access =
                keys.optional("access", Scalars.text().located());
        Key<Optional<Drafts.ServerTls>> tls = keys.optional("tls", tls());
        Key<Optional<String>> webSocket = keys.optional("websocket", webSocketPath());
        Key<Optional<Boolean>> thread = keys.optional("io-thread", thread());
        Key<Settings.ListenerLimits> limits = keys.section("limits", limits());
        return keys.map(values -> {
            boolean another =
                    values.get(tls).isPresent() || values.get(webSocket).isPresent();
            if (another && values.get(thread).equals(Optional.of(false))) {
                values.refuse(
                        thread,
                        "'io-thread' is shared, which is for plain MQTT",
                        "leave it out: TLS and WebSocket have a thread of their own");
            }
            return new Drafts.Listener(
                    values.get(bind),
                    values.get(port),
                    values.get(access),
                    values.get(tls),
                    (name, serverTls) -> new Settings.Listener(
                            name,
                            values.get(bind).value(),
                            values.get(port).value(),
                            values.get(access).map(Located::value),
                            serverTls,
                            values.get(webSocket),
                            values.get(thread).orElse(another),
                            values.get(limits)));
        });
    }

    private static Shape<Boolean> thread() {
        Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("shared", false);
        words.put("own", true);
        return Scalars.words(words);
    }

    private static Shape<String> webSocketPath() {
        return Scalars.text().then((text, place, document) -> {
            if (!text.matches("/[!-~&&[^?#]]*")) {
                throw new Wrong("'{name}' is '{value}'", "write the path that clients use, for instance /mqtt");
            }
            return text;
        });
    }

    private static MapShape<Drafts.ServerTls> tls() {
        Keys keys = new Keys();
        Key<Located<Path>> certificate =
                keys.required("certificate", Scalars.path().located(), "'certificate: FILE'");
        Key<Located<Path>> key = keys.required("key", Scalars.path().located(), "'key: FILE'");
        Key<Optional<Located<Path>>> clientCa =
                keys.optional("client-ca", Scalars.path().located());
        Key<Settings.Identity> identity = keys.key("identity", Scalars.word(Settings.Identity.class), "user-name");
        return keys.map(values -> {
            if (values.get(identity) == Settings.Identity.COMMON_NAME
                    && values.get(clientCa).isEmpty()) {
                values.refuse(
                        identity,
                        "'identity' is common-name, but clients show no certificate",
                        "add 'client-ca: FILE'");
            }
            return new Drafts.ServerTls(
                    values.get(certificate), values.get(key), values.get(clientCa), values.get(identity));
        });
    }

    private static MapShape<Settings.ListenerLimits> limits() {
        Keys keys = new Keys();
        Key<Optional<Integer>> connections = keys.optional("connections", Scalars.integer(1, 1_000_000));
        Key<Optional<Integer>> packetBytes = keys.optional("packet-bytes", Quantities.intBytes("1KiB", "255MiB"));
        Key<Duration> connectTimeout = keys.key("connect-timeout", Quantities.duration("1s", "10m"), "10s");
        Key<Integer> connectionRate = keys.key("connection-rate", Scalars.integer(1, 1_000_000), "1000");
        return keys.map(values -> new Settings.ListenerLimits(
                values.get(connections).map(OptionalInt::of).orElse(OptionalInt.empty()),
                values.get(packetBytes).map(OptionalInt::of).orElse(OptionalInt.empty()),
                values.get(connectTimeout),
                values.get(connectionRate)));
    }

    static MapShape<Drafts.Access> access() {
        Keys keys = new Keys();
        Key<Optional<Located<Path>>> usersFile =
                keys.optional("users-file", Scalars.path().located());
        Key<Boolean> anonymous = keys.key("anonymous", Scalars.flag(), "false");
        Key<List<Drafts.Allow>> allow = keys.section("allow", new Shape.Items<>(allow()));
        return keys.map(values -> new Drafts.Access(values.get(usersFile), values.get(anonymous), values.get(allow)));
    }

    private static MapShape<Drafts.Allow> allow() {
        Keys keys = new Keys();
        Key<Optional<String>> user = keys.optional("user", Scalars.text());
        Shape<List<Located<String>>> filters =
                new Shape.OneOrMore<>(Scalars.text().located());
        Key<List<Located<String>>> publish = keys.section("publish", filters);
        Key<List<Located<String>>> subscribe = keys.section("subscribe", filters);
        return keys.map(values -> {
            if (values.get(publish).isEmpty() && values.get(subscribe).isEmpty()) {
                values.refuse(publish, "the rule allows nothing", "add 'publish: FILTER' or 'subscribe: FILTER'");
            }
            return new Drafts.Allow(values.get(user), values.get(publish), values.get(subscribe));
        });
    }
}
