// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.rules.BridgeRule;
import io.sluice.rules.BridgeRules;
import io.sluice.rules.LoopCheck;
import io.sluice.rules.Renaming;
import io.sluice.topic.TopicFilter;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The bridges' part of {@link Assembly}. */
final class BridgeAssembly {

    private final String gatewayId;
    private final Document document;
    private final Map<LoopCheck.Step, Place> places = new HashMap<>();

    BridgeAssembly(String gatewayId, Document document) {
        this.gatewayId = gatewayId;
        this.document = document;
    }

    List<Settings.Bridge> bridges(List<Named<Drafts.Bridge>> drafts) {
        List<Settings.Bridge> bridges = new ArrayList<>();
        for (Named<Drafts.Bridge> draft : drafts) {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("gateway", gatewayId);
            values.put("bridge", draft.name());
            List<BridgeRule> rules = rules(draft, values);
            draft.value()
                    .upstream()
                    .flatMap(upstream -> Template.fill(upstream.clientId(), values, document)
                            .map(id -> upstream.with().apply(id)))
                    .ifPresent(upstream -> bridges.add(new Settings.Bridge(draft.name(), upstream, rules)));
        }
        refuseCircles(bridges);
        return bridges;
    }

    private List<BridgeRule> rules(Named<Drafts.Bridge> draft, Map<String, String> values) {
        Map<String, BridgeRule> rules = new LinkedHashMap<>();
        for (Drafts.Rule ruleDraft : draft.value().rules()) {
            rule(ruleDraft, values).ifPresent(rule -> {
                if (rules.putIfAbsent(rule.name(), rule) != null) {
                    document.problem(
                            ruleDraft.name().orElse(ruleDraft.from()).place(),
                            "the bridge '%s' has two rules named '%s'".formatted(draft.name(), rule.name()),
                            "give this one a 'name' of its own");
                } else {
                    places.put(
                            new LoopCheck.Step(draft.name(), rule),
                            ruleDraft.from().place());
                }
            });
        }
        return List.copyOf(rules.values());
    }

    private Optional<BridgeRule> rule(Drafts.Rule draft, Map<String, String> values) {
        Located<String> target = draft.to().orElse(draft.from());
        Optional<TopicFilter> from = filter(draft.from(), values);
        Optional<TopicFilter> to = target.equals(draft.from()) ? from : filter(target, values);
        if (from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        Renaming renaming;
        try {
            renaming = Renaming.of(from.get(), to.get());
        } catch (IllegalArgumentException unfit) {
            document.problem(
                    target.place(),
                    String.valueOf(unfit.getMessage()),
                    "a wildcard in 'to' takes what one in the filter stands for: + the first, second, ... +, and # the rest");
            return Optional.empty();
        }
        return Optional.of(
                switch (draft) {
                    case Drafts.Forward forward ->
                        new BridgeRule.Forward(
                                name("forward", draft),
                                from.get(),
                                renaming,
                                forward.qos(),
                                forward.retain(),
                                forward.excludes().stream()
                                        .flatMap(exclude -> filter(exclude, values).stream())
                                        .toList());
                    case Drafts.Fetch fetch ->
                        new BridgeRule.Fetch(
                                name("fetch", draft),
                                from.get(),
                                renaming,
                                fetch.qos(),
                                fetch.noLocal(),
                                fetch.retainAsPublished(),
                                fetch.retainHandling());
                });
    }

    /**
     * The rule's name, or else its text: an outbox on disk belongs to the name, so it must stay the same when rules are added or
     * moved, and when the gateway's id changes.
     */
    private static String name(String direction, Drafts.Rule draft) {
        String from = draft.from().value();
        String to = draft.to().map(Located::value).orElse(from);
        return draft.name()
                .map(Located::value)
                .orElseGet(() -> direction + " " + from + (to.equals(from) ? "" : " to " + to));
    }

    private Optional<TopicFilter> filter(Located<String> template, Map<String, String> values) {
        return Template.fill(template, values, document).flatMap(text -> {
            try {
                TopicFilter filter = TopicFilter.of(text);
                if (filter.share().isPresent()) {
                    document.problem(
                            template.place(),
                            "a shared subscription cannot be a rule's",
                            "write the filter without $share/NAME/");
                    return Optional.empty();
                }
                return Optional.of(filter);
            } catch (IllegalArgumentException invalid) {
                document.problem(
                        template.place(),
                        String.valueOf(invalid.getMessage()),
                        "a topic filter has + for one level and a last # for all that follow");
                return Optional.empty();
            }
        });
    }

    private void refuseCircles(List<Settings.Bridge> bridges) {
        List<LoopCheck.Link> links = bridges.stream()
                .map(bridge -> new LoopCheck.Link(
                        new BridgeRules(bridge.name(), bridge.rules()),
                        bridge.upstream().addresses().stream()
                                .map(BridgeAssembly::broker)
                                .collect(Collectors.toSet())))
                .toList();
        for (LoopCheck.Circle circle : LoopCheck.circles(links)) {
            String steps = circle.steps().stream()
                    .map(step -> "%s: %s".formatted(step.bridge(), step.rule().name()))
                    .collect(Collectors.joining(" -> "));
            boolean direct = circle.steps().stream()
                            .map(LoopCheck.Step::bridge)
                            .collect(Collectors.toSet())
                            .size()
                    == 1;
            document.problem(
                    places.getOrDefault(circle.steps().getFirst(), Place.START),
                    "messages would go round for ever: " + steps,
                    direct
                            ? "set 'no-local: true' on the fetch rule"
                            : "exclude these topics from one of the forward rules");
        }
    }

    private static String broker(URI address) {
        return address.getHost().toLowerCase(Locale.ROOT) + ":" + address.getPort();
    }
}
