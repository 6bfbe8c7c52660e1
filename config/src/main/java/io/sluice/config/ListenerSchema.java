// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The keys of listeners and of their access rules; see {@link Schema}. */
final class ListenerSchema {

    private ListenerSchema() {}

    static MapShape<Drafts.Listener> listener() {
        Keys keys = new Keys();
        Key<Located<String>> bind = keys.key("bind", Scalars.address().located(), "127.0.0.1");
        Key<Located<Integer>> port = keys.key("port", Scalars.integer(0, 65_535).located(), "1883");
        Key<Optional<Located<String>>> access =
                keys.optional("access", Scalars.text().located());
        return keys.map(values -> new Drafts.Listener(
                values.get(bind),
                values.get(port),
                values.get(access),
                name -> new Settings.Listener(
                        name,
                        values.get(bind).value(),
                        values.get(port).value(),
                        values.get(access).map(Located::value))));
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
