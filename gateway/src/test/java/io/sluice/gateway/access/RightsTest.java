// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Settings;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RightsTest {

    private static final AccessControl CONTROL = new AccessControl(new Settings.Access(
            "plant",
            Optional.empty(),
            true,
            List.of(
                    new Settings.Allow(Optional.of("*"), List.of("sensors/{user}/#", "by/{client}"), List.of()),
                    new Settings.Allow(Optional.of("hmi"), List.of("commands/#"), List.of("#")),
                    new Settings.Allow(Optional.empty(), List.of(), List.of("public/#")))));

    @Test
    void rights_user_hasThoseOfEveryRuleThatHolds() {
        Rights hmi = CONTROL.rights(Optional.of("hmi"), "c1");
        assertThat(hmi.mayPublish(new TopicName("sensors/hmi/a"))).isTrue();
        assertThat(hmi.mayPublish(new TopicName("commands/valve"))).isTrue();
        assertThat(hmi.mayPublish(new TopicName("by/c1"))).isTrue();
        assertThat(hmi.mayPublish(new TopicName("sensors/other/a"))).isFalse();
        assertThat(hmi.maySubscribe(TopicFilter.of("a/+"))).isTrue();
        assertThat(hmi.maySubscribe(TopicFilter.of("$SYS/#"))).isFalse();
        Rights press = CONTROL.rights(Optional.of("press"), "c1");
        assertThat(press.mayPublish(new TopicName("commands/valve"))).isFalse();
        assertThat(press.maySubscribe(TopicFilter.of("public/+"))).isTrue();
        assertThat(press.maySubscribe(TopicFilter.of("#")))
                .as("wider than what is allowed")
                .isFalse();
        assertThat(press.maySubscribe(TopicFilter.of("$share/g/public/a"))).isTrue();
    }

    @Test
    void rights_anonymous_hasOnlyWhatIsForEverybody() {
        Rights anonymous = CONTROL.rights(Optional.empty(), "c1");
        assertThat(anonymous.mayPublish(new TopicName("by/c1"))).isFalse();
        assertThat(anonymous.maySubscribe(TopicFilter.of("public/a"))).isTrue();
        assertThat(anonymous.identity()).contains("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "#", "a/b", "", "$SYS", "{user}", "a+"})
    void rights_nameThatIsMoreThanALevel_reachesNothing(String name) {
        Rights user = CONTROL.rights(Optional.of(name), name);
        assertThat(user.publish()).isEmpty();
    }

    @Test
    void rights_clientIdentifierTooLongForAFilter_reachesNothing() {
        assertThat(CONTROL.rights(Optional.of("a"), "x".repeat(65_535)).publish())
                .containsExactly(TopicFilter.of("sensors/a/#"));
    }
}
