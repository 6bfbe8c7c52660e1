// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the packets that are little more than a reason: PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT and AUTH (MQTT 5.0 sections
 * 3.4 to 3.7, 3.14 and 3.15). One per connection; it holds what the client said in CONNECT that later packets must agree with.
 */
final class ReasonReader {

    private final Sender sender;
    private Optional<String> authenticationMethod = Optional.empty();
    private boolean mayExtendSession = true;

    ReasonReader(Sender sender) {
        this.sender = sender;
    }

    void connected(Packet.ConnectProperties properties) {
        authenticationMethod = properties.authenticationMethod();
        mayExtendSession = properties.sessionExpirySeconds() != 0;
    }

    Packet acknowledgement(PacketInput in, Place place, ProtocolVersion version) throws ProtocolException {
        int packetId = in.packetId("MQTT-2.2.1-5");
        if (version == ProtocolVersion.MQTT_3_1_1 || !in.hasMore()) {
            return acknowledgement(place, packetId, ReasonCode.SUCCESS, Explanation.NONE);
        }
        ReasonTable table = switch (place) {
            case PUBACK -> ReasonTable.PUBACK;
            case PUBREC -> ReasonTable.PUBREC;
            case PUBREL -> ReasonTable.PUBREL;
            default -> ReasonTable.PUBCOMP;
        };
        ReasonCode reason = table.require(in.unsignedByte(), sender);
        Explanation explanation = in.hasMore() ? PropertySet.read(in, place).explanation() : Explanation.NONE;
        return acknowledgement(place, packetId, reason, explanation);
    }

    private static Packet acknowledgement(Place place, int packetId, ReasonCode reason, Explanation explanation) {
        return switch (place) {
            case PUBACK -> new Packet.Puback(packetId, reason, explanation);
            case PUBREC -> new Packet.Pubrec(packetId, reason, explanation);
            case PUBREL -> new Packet.Pubrel(packetId, reason, explanation);
            case PUBCOMP -> new Packet.Pubcomp(packetId, reason, explanation);
            default -> throw new IllegalStateException("not an acknowledgement: " + place);
        };
    }

    Packet.Disconnect disconnect(PacketInput in, ProtocolVersion version) throws ProtocolException {
        ReasonCode reason = ReasonCode.SUCCESS;
        PropertySet set = PropertySet.NONE;
        if (version == ProtocolVersion.MQTT_5 && in.hasMore()) {
            reason = ReasonTable.DISCONNECT.require(in.unsignedByte(), sender);
            set = in.hasMore() ? PropertySet.read(in, Place.DISCONNECT) : PropertySet.NONE;
        }
        OptionalLong expiry = set.number(Property.SESSION_EXPIRY_INTERVAL);
        if (sender == Sender.SERVER && expiry.isPresent()) {
            throw Refusal.protocolError(
                    "MQTT-3.14.2-2", "a server's DISCONNECT must not carry a session expiry interval");
        }
        if (!mayExtendSession && expiry.orElse(0) != 0) {
            throw Refusal.protocolError(
                    Refusal.UNNUMBERED, "DISCONNECT: the session expiry interval was 0 in CONNECT and must stay 0");
        }
        Optional<String> reference = set.text(Property.SERVER_REFERENCE);
        if (sender == Sender.CLIENT && reference.isPresent()) {
            throw Refusal.protocolError(Refusal.UNNUMBERED, "a client's DISCONNECT must not carry a server reference");
        }
        return new Packet.Disconnect(reason, expiry, reference, set.explanation());
    }

    Packet.Auth auth(PacketInput in) throws ProtocolException {
        boolean bare = !in.hasMore();
        ReasonCode reason = ReasonTable.AUTH.require(bare ? 0 : in.unsignedByte(), sender);
        PropertySet set = bare ? PropertySet.NONE : PropertySet.read(in, Place.AUTH);
        Optional<String> method = set.text(Property.AUTHENTICATION_METHOD);
        Optional<Payload> data = set.binary(Property.AUTHENTICATION_DATA);
        if (sender == Sender.CLIENT && authenticationMethod.isEmpty()) {
            throw Refusal.protocolError("MQTT-4.12.0-7", "AUTH without an authentication method in CONNECT");
        }
        if (!bare && method.isEmpty()) {
            throw Refusal.protocolError("MQTT-4.12.0-5", "AUTH must carry the authentication method");
        }
        if (authenticationMethod.isPresent() && !bare && !method.equals(authenticationMethod)) {
            throw Refusal.protocolError("MQTT-4.12.0-5", "AUTH must carry the authentication method that CONNECT had");
        }
        return new Packet.Auth(reason, method, data, set.explanation());
    }
}
