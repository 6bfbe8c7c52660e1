// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import io.sluice.topic.Qos;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The keys of what is offered to MQTT clients; see {@link Schema}. */
final class MqttSchema {

    private MqttSchema() {}

    static MapShape<Settings.Mqtt> mqtt() {
        Keys keys = new Keys();
        Key<Qos> maximumQos = keys.key("maximum-qos", qos(), "2");
        Key<Boolean> retain = keys.key("retain", Scalars.flag(), "true");
        Key<Boolean> wildcards = keys.key("wildcard-subscriptions", Scalars.flag(), "true");
        Key<Boolean> identifiers = keys.key("subscription-identifiers", Scalars.flag(), "true");
        Key<Boolean> shared = keys.key("shared-subscriptions", Scalars.flag(), "true");
        Key<Integer> topicAliases = keys.key("topic-aliases", Scalars.integer(0, 65_535), "16");
        Key<Boolean> checkPayload = keys.key("check-payload-format", Scalars.flag(), "true");
        Key<Duration> sysInterval = keys.key("sys-interval", Quantities.seconds("0s", "1d"), "10s");
        Key<Optional<String>> responseInformation = keys.optional("response-information", responseInformation());
        Key<Optional<Settings.Redirect>> redirect = keys.optional("redirect", redirect());
        return keys.map(values -> new Settings.Mqtt(
                values.get(maximumQos),
                values.get(retain),
                values.get(wildcards),
                values.get(identifiers),
                values.get(shared),
                values.get(topicAliases),
                values.get(checkPayload),
                values.get(sysInterval),
                values.get(responseInformation),
                values.get(redirect)));
    }

    private static Shape<Qos> qos() {
        Map<String, Qos> words = new LinkedHashMap<>();
        for (Qos qos : Qos.values()) {
            words.put(Integer.toString(qos.level()), qos);
        }
        return Scalars.words(words);
    }

    private static Shape<String> responseInformation() {
        return Scalars.text().then((text, place, document) -> {
            if (text.replace("{client}", "").matches(".*[{}].*")) {
                throw new Wrong("'{name}' is '{value}'", "the only placeholder is {client}");
            }
            return text;
        });
    }

    private static MapShape<Settings.Redirect> redirect() {
        Keys keys = new Keys();
        Key<String> to = keys.required("to", Scalars.text(), "'to: other.example:1883'");
        Key<Settings.Redirect.When> when = keys.key("when", Scalars.word(Settings.Redirect.When.class), "on-stop");
        return keys.map(values -> new Settings.Redirect(values.get(to), values.get(when)));
    }
}
