// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** Reads SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 sections 3.8 and 3.10). */
final class SubscribeReader {

    private static final RetainHandling[] RETAIN_HANDLING = RetainHandling.values();

    /** Topic filters in one packet, each of which is an object in memory. */
    private static final int FILTERS_MAX = 8_192;

    private SubscribeReader() {}

    static Packet.Subscribe subscribe(PacketInput in, ProtocolVersion version) throws ProtocolException {
        int packetId = in.packetId("MQTT-2.2.1-3");
        PropertySet properties =
                version == ProtocolVersion.MQTT_5 ? PropertySet.read(in, Place.SUBSCRIBE) : PropertySet.NONE;
        if (!in.hasMore()) {
            throw Refusal.protocolError("MQTT-3.8.3-2", "SUBSCRIBE must contain at least one topic filter");
        }
        List<Subscription> subscriptions = new ArrayList<>();
        while (in.hasMore()) {
            checkCount(subscriptions.size());
            TopicFilter filter = filter(in.text()); // [MQTT-3.8.3-1]
            subscriptions.add(subscription(filter, in.unsignedByte(), version));
        }
        return new Packet.Subscribe(
                packetId,
                subscriptions,
                properties.smallNumber(Property.SUBSCRIPTION_IDENTIFIER),
                properties.userProperties());
    }

    private static Subscription subscription(TopicFilter filter, int options, ProtocolVersion version)
            throws ProtocolException {
        int reserved = version == ProtocolVersion.MQTT_5 ? 0b1100_0000 : 0b1111_1100;
        if ((options & reserved) != 0) {
            throw Refusal.malformed(
                    "MQTT-3.8.3-5", "reserved subscription options must be 0, found 0x%02X".formatted(options));
        }
        int qos = options & 0b11;
        if (qos == 3) {
            throw Refusal.protocolError(Refusal.UNNUMBERED, "maximum QoS must be 0, 1 or 2, found 3");
        }
        int retainHandling = options >> 4;
        if (retainHandling == 3) {
            throw Refusal.protocolError(Refusal.UNNUMBERED, "retain handling must be 0, 1 or 2, found 3");
        }
        boolean noLocal = (options & 0b100) != 0;
        if (noLocal && filter.share().isPresent()) {
            throw Refusal.protocolError("MQTT-3.8.3-4", "no local must be 0 on the shared subscription " + filter);
        }
        return new Subscription(filter, Qos.of(qos), noLocal, (options & 0b1000) != 0, RETAIN_HANDLING[retainHandling]);
    }

    static Packet.Unsubscribe unsubscribe(PacketInput in, ProtocolVersion version) throws ProtocolException {
        int packetId = in.packetId("MQTT-2.2.1-3");
        PropertySet properties =
                version == ProtocolVersion.MQTT_5 ? PropertySet.read(in, Place.UNSUBSCRIBE) : PropertySet.NONE;
        if (!in.hasMore()) {
            throw Refusal.protocolError("MQTT-3.10.3-2", "UNSUBSCRIBE must contain at least one topic filter");
        }
        List<TopicFilter> filters = new ArrayList<>();
        while (in.hasMore()) {
            checkCount(filters.size());
            filters.add(filter(in.text())); // [MQTT-3.10.3-1]
        }
        return new Packet.Unsubscribe(packetId, filters, properties.userProperties());
    }

    private static void checkCount(int before) throws ProtocolException {
        if (before == FILTERS_MAX) {
            throw new ProtocolException(
                    ReasonCode.QUOTA_EXCEEDED,
                    Refusal.UNNUMBERED,
                    "more than %d topic filters in one packet".formatted(FILTERS_MAX));
        }
    }

    private static TopicFilter filter(String text) throws ProtocolException {
        try {
            return TopicFilter.of(text);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(
                    ReasonCode.TOPIC_FILTER_INVALID, brokenStatement(text), String.valueOf(e.getMessage()));
        }
    }

    /** Which statement a text breaks that is not a topic filter. */
    private static String brokenStatement(String text) {
        if (text.isEmpty()) {
            return "MQTT-4.7.3-1";
        }
        String filter = text;
        if (text.startsWith("$share/")) {
            int begin = "$share/".length();
            int end = text.indexOf('/', begin);
            if (end == begin) {
                return "MQTT-4.8.2-1";
            }
            if (end < 0 || end + 1 == text.length() || hasWildcard(text.substring(begin, end))) {
                return "MQTT-4.8.2-2";
            }
            filter = text.substring(end + 1);
        }
        int hash = filter.indexOf('#');
        boolean hashInPlace =
                hash < 0 || (hash == filter.length() - 1 && (hash == 0 || filter.charAt(hash - 1) == '/'));
        return hashInPlace ? "MQTT-4.7.1-2" : "MQTT-4.7.1-1";
    }

    private static boolean hasWildcard(String text) {
        return text.indexOf('+') >= 0 || text.indexOf('#') >= 0;
    }
}
