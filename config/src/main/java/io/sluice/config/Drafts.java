// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.device.DeviceSettings;
import io.sluice.rules.BridgeRule.Retain;
import io.sluice.rules.BridgeRule.RetainHandling;
import io.sluice.topic.Qos;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What the file says, each value right by itself. Templates still have their placeholders, and what must fit other parts of the
 * file keeps its place, so that {@link Assembly} can say where it does not.
 */
final class Drafts {

    private Drafts() {}

    record Whole(
            String gatewayId,
            Settings.Data data,
            Settings.Limits limits,
            Settings.Mqtt mqtt,
            List<Named<Listener>> listeners,
            List<Named<Access>> access,
            List<Named<Device>> devices,
            List<Named<Bridge>> bridges) {}

    /** @param with the listener's settings, of its name and of what its PEM files turned out to be */
    record Listener(
            Located<String> bind,
            Located<Integer> port,
            Optional<Located<String>> access,
            Optional<ServerTls> tls,
            BiFunction<String, Optional<Settings.ServerTls>, Settings.Listener> with) {}

    record ServerTls(
            Located<Path> certificate,
            Located<Path> key,
            Optional<Located<Path>> clientAuthorities,
            Settings.Identity identity) {}

    record Access(Optional<Located<Path>> usersFile, boolean anonymous, List<Allow> allow) {}

    record Allow(Optional<String> user, List<Located<String>> publish, List<Located<String>> subscribe) {}

    record Device(
            Located<DeviceSettings.Link> link,
            DeviceSettings.Framing framing,
            DeviceSettings.Decoding decoding,
            Publish publish) {}

    record Publish(Located<String> topic, Qos qos, boolean retain) {}

    /** @param upstream empty if it was wrong; the rules are looked at all the same */
    record Bridge(Optional<Upstream> upstream, List<Rule> rules) {}

    /** @param with the upstream's settings with a finished client id */
    record Upstream(Located<String> clientId, Function<String, Settings.Upstream> with) {}

    /** One rule; {@code from} is what stands behind {@code forward} or {@code fetch}. */
    sealed interface Rule {
        Located<String> from();

        Optional<Located<String>> to();

        Optional<Located<String>> name();
    }

    record Forward(
            Located<String> from,
            Optional<Located<String>> to,
            Optional<Located<String>> name,
            Optional<Qos> qos,
            Retain retain,
            List<Located<String>> excludes)
            implements Rule {}

    record Fetch(
            Located<String> from,
            Optional<Located<String>> to,
            Optional<Located<String>> name,
            Qos qos,
            boolean noLocal,
            boolean retainAsPublished,
            RetainHandling retainHandling)
            implements Rule {}
}
