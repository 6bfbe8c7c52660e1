// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.Will;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What CONNECT asks for against what is offered, and what CONNACK says of it. On the broker thread. */
final class Admission {

    private final Capabilities offered;
    private final SessionLimits limits;

    Admission(Capabilities offered, SessionLimits limits) {
        this.offered = offered;
        this.limits = limits;
    }

    /** @throws ProtocolException if it needs what is not offered */
    void check(Packet.Connect connect) throws ProtocolException {
        Optional<Will> will = connect.will();
        if (will.isPresent()
                && will.get().message().qos().level() > offered.maximumQos().level()) {
            throw new ProtocolException(
                    ReasonCode.QOS_NOT_SUPPORTED,
                    "MQTT-3.2.2-12",
                    "the will's QoS must be at most " + offered.maximumQos().level());
        }
        if (will.isPresent() && will.get().message().retain() && !offered.retain()) {
            throw new ProtocolException(
                    ReasonCode.RETAIN_NOT_SUPPORTED, "MQTT-3.2.2-13", "retained messages are not offered");
        }
    }

    long grantedExpirySeconds(long seconds) {
        return Math.min(seconds, limits.sessionExpirySecondsMax());
    }

    int grantedKeepAliveSeconds(int seconds) {
        int most = limits.keepAliveSecondsMax();
        return most > 0 && (seconds == 0 || seconds > most) ? most : seconds;
    }

    /**
     * The CONNACK for a client that is accepted.
     *
     * @param assigned whether the client identifier was made by the gateway
     * @param present whether there was a session
     * @param expirySeconds the session expiry interval that was granted
     * @param packetBytesMax the largest packet that is taken
     * @param authenticationData what the client is told last about its authentication
     */
    Packet.Connack connack(
            Packet.Connect connect,
            String clientId,
            boolean assigned,
            boolean present,
            long expirySeconds,
            int packetBytesMax,
            Optional<Payload> authenticationData) {
        int keepAlive = grantedKeepAliveSeconds(connect.keepAliveSeconds());
        return new Packet.Connack(
                present, // [MQTT-3.2.2-2, -3]
                ReasonCode.SUCCESS,
                new Packet.ConnackProperties(
                        expirySeconds == connect.properties().sessionExpirySeconds()
                                ? OptionalLong.empty()
                                : OptionalLong.of(expirySeconds),
                        limits.receiveMaximum(),
                        offered.maximumQos(), // [MQTT-3.2.2-9]
                        offered.retain(),
                        OptionalLong.of(packetBytesMax),
                        assigned ? Optional.of(clientId) : Optional.empty(), // [MQTT-3.1.3-7]
                        offered.topicAliasMaximum(),
                        offered.wildcardSubscriptions(),
                        offered.subscriptionIdentifiers(),
                        offered.sharedSubscriptions(),
                        keepAlive == connect.keepAliveSeconds() ? OptionalInt.empty() : OptionalInt.of(keepAlive),
                        connect.properties().requestResponseInformation()
                                ? offered.responseInformation(clientId) // [MQTT-3.1.2-28]
                                : Optional.empty(),
                        Optional.empty(),
                        authenticationData.flatMap(
                                data -> connect.properties().authenticationMethod()), // [MQTT-4.12.0-5, -6]
                        authenticationData,
                        Explanation.NONE));
    }
}
