// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.packet.ReasonCode;
import io.sluice.topic.Qos;
import java.util.Optional;

/**
 * What clients are offered of what MQTT leaves to the server (MQTT 5.0 section 3.2.2.3): announced in CONNACK, and enforced.
 *
 * @param topicAliasMaximum topic aliases of one connection in each direction, 0 to 65,535
 * @param checkPayloadFormat whether a payload that is said to be UTF-8 is refused if it is not
 * @param responseInformation what a client is told that asks for it, where {@code {client}} stands for its client identifier
 */
public record Capabilities(
        Qos maximumQos,
        boolean retain,
        boolean wildcardSubscriptions,
        boolean subscriptionIdentifiers,
        boolean sharedSubscriptions,
        int topicAliasMaximum,
        boolean checkPayloadFormat,
        Optional<String> responseInformation,
        Optional<Redirect> redirect) {

    /**
     * Another server that clients are told of.
     *
     * @param serverReference which one
     * @param reason USE_ANOTHER_SERVER or SERVER_MOVED
     * @param now whether nobody is served here, not only when this one stops
     */
    public record Redirect(String serverReference, ReasonCode reason, boolean now) {}

    Optional<String> responseInformation(String clientId) {
        return responseInformation.map(text -> text.replace("{client}", clientId));
    }
}
