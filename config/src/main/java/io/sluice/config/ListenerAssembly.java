// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.topic.TopicFilter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The part of {@link Assembly} that is about listeners and who may use them. */
final class ListenerAssembly {

    private final String gatewayId;
    private final Document document;

    ListenerAssembly(String gatewayId, Document document) {
        this.gatewayId = gatewayId;
        this.document = document;
    }

    List<Settings.Listener> listeners(Drafts.Whole whole) {
        List<String> known = whole.access().stream().map(Named::name).toList();
        List<Settings.Listener> listeners = new ArrayList<>();
        Map<String, String> taken = new HashMap<>();
        for (Named<Drafts.Listener> draft : whole.listeners()) {
            refuseTakenPort(draft, taken);
            refuseOpenDoor(draft.value());
            draft.value()
                    .access()
                    .filter(access -> !known.contains(access.value()))
                    .ifPresent(access -> document.problem(
                            access.place(),
                            "there are no access rules named '%s'".formatted(Document.shown(access.value())),
                            known.isEmpty() ? "write them below 'access:'" : Nearest.hint(access.value(), known)));
            listeners.add(draft.value().with().apply(draft.name()));
        }
        return listeners;
    }

    private void refuseTakenPort(Named<Drafts.Listener> draft, Map<String, String> taken) {
        Located<Integer> port = draft.value().port();
        String bind = draft.value().bind().value();
        String address = (bind.equals("localhost") ? "127.0.0.1" : bind) + " " + port.value();
        String before = port.value() == 0 ? null : taken.putIfAbsent(address, draft.name());
        if (before != null) {
            document.problem(
                    port.place(),
                    "port %d of %s is taken by the listener '%s'".formatted(port.value(), bind, before),
                    "use another port, or 0 for any free one");
        }
    }

    private void refuseOpenDoor(Drafts.Listener listener) {
        Located<String> bind = listener.bind();
        if (listener.access().isEmpty() && !Scalars.isLoopback(bind.value())) {
            document.problem(
                    bind.place(),
                    "'bind' is '%s', and a listener without access rules is for this machine only"
                            .formatted(Document.shown(bind.value())),
                    "bind 127.0.0.1 or ::1, or say who may do what: 'access: NAME', and NAME below 'access:'");
        }
    }

    List<Settings.Access> access(Drafts.Whole whole) {
        List<Settings.Access> all = new ArrayList<>();
        for (Named<Drafts.Access> draft : whole.access()) {
            Drafts.Access access = draft.value();
            access.usersFile()
                    .filter(file -> !Files.isReadable(file.value()) || Files.isDirectory(file.value()))
                    .ifPresent(file -> document.problem(
                            file.place(),
                            "%s cannot be read, or is not there".formatted(file.value()),
                            "make it with 'sluice passwd FILE USER', readable for the gateway's user"));
            if (access.usersFile().isEmpty() && !access.anonymous()) {
                document.problem(
                        draft.place(),
                        "nobody can connect under '%s'".formatted(draft.name()),
                        "add 'users-file: FILE', or 'anonymous: true'");
            }
            all.add(new Settings.Access(
                    draft.name(),
                    access.usersFile().map(Located::value),
                    access.anonymous(),
                    access.allow().stream().map(this::allow).toList()));
        }
        return all;
    }

    private Settings.Allow allow(Drafts.Allow draft) {
        return new Settings.Allow(draft.user(), filters(draft.publish()), filters(draft.subscribe()));
    }

    /** The filters, with the placeholders that each client fills anew. */
    private List<String> filters(List<Located<String>> templates) {
        List<String> filters = new ArrayList<>();
        for (Located<String> template : templates) {
            Map<String, String> values = Map.of("gateway", gatewayId, "user", "{user}", "client", "{client}");
            Optional<String> text = Template.fill(template, values, document);
            if (text.isPresent() && isFilter(text.get(), template)) {
                filters.add(text.get());
            }
        }
        return filters;
    }

    private boolean isFilter(String text, Located<String> template) {
        try {
            TopicFilter filter = TopicFilter.of(text.replace("{user}", "user").replace("{client}", "client"));
            if (filter.share().isEmpty()) {
                return true;
            }
            document.problem(
                    template.place(),
                    "a rule is about topics, not about shares of them",
                    "write the filter without $share/NAME/; it holds for shared subscriptions, too");
        } catch (IllegalArgumentException invalid) {
            document.problem(
                    template.place(),
                    String.valueOf(invalid.getMessage()),
                    "a topic filter has + for one level and a last # for all that follow");
        }
        return false;
    }
}
