// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.config.Settings;
import io.sluice.gateway.bridge.Upstream.End;
import io.sluice.gateway.bridge.Upstream.Events;
import io.sluice.gateway.bridge.Upstream.Fetched;
import io.sluice.gateway.bridge.Upstream.Terms;
import io.sluice.gateway.codec.PacketWriter;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is said on one connection to upstream, as a client of MQTT 5.0: asks, matches the answers with what was asked, and tells the
 * bridge. On the broker thread.
 */
final class UpstreamDialogue {

    /** QoS 1 messages that upstream may have unacknowledged: they wait for the journal, so one batch of a slow card's worth. */
    static final int RECEIVE_MAXIMUM = 256;

    /** Topic aliases used at the most, however many upstream offers: each costs memory here, and the search for the least used one. */
    private static final int ALIASES_MAX = 64;

    private static final long UINT32_MAX = 0xFFFF_FFFFL;

    private final long number;
    private final Settings.Upstream settings;
    private final int packetBytesMax;
    private final Loop loop;
    private final Events events;
    private final BiConsumer<End, String> end;
    private final PacketWriter writer = new PacketWriter(ProtocolVersion.MQTT_5);
    private final List<BridgeRule.Fetch> subscribed = new ArrayList<>();
    private PacketIds packetIds = new PacketIds(1);
    private @Nullable LinkOutput outgoing;
    private @Nullable Heartbeat heartbeat;
    private Packet.ConnackProperties offered = Packet.ConnackProperties.none();
    private boolean open;

    /** @param end to be called when the connection must end, and why */
    UpstreamDialogue(
            long number,
            Settings.Upstream settings,
            int packetBytesMax,
            Loop loop,
            Events events,
            BiConsumer<End, String> end) {
        this.number = number;
        this.settings = settings;
        this.packetBytesMax = packetBytesMax;
        this.loop = loop;
        this.events = events;
        this.end = end;
    }

    /** Whether upstream has accepted the connection. */
    boolean isOpen() {
        return open;
    }

    /** Publications that are not answered. */
    int underWay() {
        return packetIds.count();
    }

    /** Sends CONNECT. */
    void begin(LinkOutput out) {
        outgoing = out;
        Packet.ConnectProperties properties = new Packet.ConnectProperties(
                Math.min(UINT32_MAX, settings.sessionExpiry().toSeconds()),
                RECEIVE_MAXIMUM,
                OptionalLong.of(packetBytesMax),
                0,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of());
        send(new Packet.Connect(
                ProtocolVersion.MQTT_5,
                settings.clientId(),
                false,
                (int) settings.keepAlive().toSeconds(),
                properties,
                Optional.empty(),
                settings.userName(),
                settings.password().map(Payload::ofText)));
    }

    /** Something has come. */
    void received() {
        if (heartbeat != null) {
            heartbeat.received();
        }
    }

    /** Whether upstream is not listened to. */
    void deaf(boolean now) {
        if (heartbeat != null) {
            heartbeat.deaf(now);
        }
    }

    void on(Packet packet) {
        switch (packet) {
            case Packet.Connack connack -> connected(connack);
            case Packet.Publish publish ->
                events.fetched(new Fetched(number, publish.packetId(), publish.message(), publish.subscriptionIds()));
            case Packet.Puback puback -> answered(puback);
            case Packet.Suback suback -> granted(suback);
            case Packet.Pubrel pubrel ->
                send(new Packet.Pubcomp(pubrel.packetId(), ReasonCode.SUCCESS, Explanation.NONE));
            case Packet.Disconnect disconnect ->
                end.accept(
                        End.PEER,
                        "disconnected by upstream: " + disconnect.reason() + because(disconnect.explanation()));
            case Packet.Pingresp _ -> {} // that something came has been noted
            case Packet.Connect _,
                    Packet.Pubrec _,
                    Packet.Pubcomp _,
                    Packet.Subscribe _,
                    Packet.Unsubscribe _,
                    Packet.Unsuback _,
                    Packet.Pingreq _,
                    Packet.Auth _ ->
                broken(new ProtocolException(
                        ReasonCode.PROTOCOL_ERROR,
                        "MQTT-4.13.1-1",
                        "nothing was asked that this would answer: " + packet));
        }
    }

    private void connected(Packet.Connack connack) {
        if (connack.reason() != ReasonCode.SUCCESS) {
            end.accept(
                    End.OTHER,
                    "refused: " + connack.reason()
                            + because(connack.properties().explanation()));
            return;
        }
        offered = connack.properties();
        open = true;
        packetIds = new PacketIds(Math.min(settings.window(), offered.receiveMaximum()));
        offered.maximumPacketSize().ifPresent(writer::maximumPacketSize);
        writer.topicAliasMaximum(Math.min(ALIASES_MAX, offered.topicAliasMaximum()));
        int keepAlive = offered.serverKeepAliveSeconds()
                .orElse((int) settings.keepAlive().toSeconds()); // [MQTT-3.2.2-21]
        if (keepAlive > 0) {
            Heartbeat beating = new Heartbeat(
                    loop,
                    Duration.ofSeconds(keepAlive),
                    () -> send(new Packet.Pingreq()),
                    () -> end.accept(End.OTHER, "no answer to keep alive"));
            heartbeat = beating;
            beating.start();
        }
        events.connected(new Terms(
                connack.sessionPresent(),
                offered.receiveMaximum(),
                offered.maximumQos(),
                offered.retainAvailable(),
                offered.subscriptionIdentifiersAvailable()));
    }

    private static String because(Explanation explanation) {
        return explanation.reasonString().map(said -> ", " + said).orElse("");
    }

    /** Each rule in a SUBSCRIBE of its own, because an identifier holds for the whole packet. */
    void subscribe(List<BridgeRule.Fetch> rules) {
        for (BridgeRule.Fetch rule : rules) {
            subscribed.add(rule);
            int position = subscribed.size();
            Subscription subscription = new Subscription(
                    rule.from(),
                    rule.qos().min(Qos.AT_LEAST_ONCE),
                    rule.noLocal(),
                    rule.retainAsPublished(),
                    RetainHandling.values()[rule.retainHandling().ordinal()]);
            OptionalInt identifier =
                    offered.subscriptionIdentifiersAvailable() ? OptionalInt.of(position) : OptionalInt.empty();
            boolean wildcards =
                    offered.wildcardSubscriptionAvailable() || !rule.from().hasWildcard();
            if (!wildcards) {
                refuse(rule, ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
            } else if (!send(new Packet.Subscribe(position, List.of(subscription), identifier, List.of()))) {
                refuse(rule, ReasonCode.PACKET_TOO_LARGE);
            }
        }
    }

    /** Answers in upstream's place, once the caller is done. */
    private void refuse(BridgeRule.Fetch rule, ReasonCode reason) {
        loop.execute(() -> {
            if (open) {
                events.subscribed(rule, reason);
            }
        });
    }

    private void granted(Packet.Suback suback) {
        if (suback.packetId() <= subscribed.size()) {
            events.subscribed(
                    subscribed.get(suback.packetId() - 1), suback.reasons().getFirst());
        }
    }

    void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        LinkOutput out = required();
        int packetId = qos == Qos.AT_MOST_ONCE ? 0 : packetIds.take(token);
        if (!writer.publishAs(topic, message, qos, retain, packetId, expirySeconds, out.buffer())) {
            if (packetId != 0) {
                packetIds.release(packetId);
            }
            loop.execute(() -> published(token, ReasonCode.PACKET_TOO_LARGE));
            return;
        }
        if (packetId == 0) {
            out.whenSent(() -> published(token, ReasonCode.SUCCESS));
        }
        sent(out);
    }

    private void published(long token, ReasonCode reason) {
        if (open) {
            events.published(token, reason);
        }
    }

    private void answered(Packet.Puback puback) {
        if (packetIds.isUsed(puback.packetId())) { // else it answers nothing, and nothing depends on it
            events.published(packetIds.release(puback.packetId()), puback.reason());
        }
    }

    /** Without effect on what came on an earlier connection. With QoS 2, which was not asked for, it is PUBREC. */
    void acknowledge(Fetched fetched) {
        if (fetched.connection() != number || fetched.packetId() == 0) {
            return;
        }
        LinkOutput out = required();
        if (fetched.message().qos() == Qos.AT_LEAST_ONCE) {
            writer.puback(fetched.packetId(), out.buffer());
        } else {
            writer.pubrec(fetched.packetId(), out.buffer());
        }
        sent(out);
    }

    /** A PUBLISH came that is none: upstream must not send it again and again. */
    void unusable(int packetId, ProtocolException why) {
        LinkOutput out = required();
        if (packetId != 0) {
            writer.puback(packetId, out.buffer());
            sent(out);
        }
        events.refused(why.text());
    }

    /** What came cannot be understood. */
    void broken(ProtocolException why) {
        End who = open ? End.PEER : End.OTHER;
        if (open) {
            farewell(why.reason());
        }
        end.accept(who, "not understood: " + why.text());
    }

    /** Says DISCONNECT; nothing may be said after it [MQTT-3.14.4-2]. */
    void farewell(ReasonCode reason) {
        send(new Packet.Disconnect(reason, OptionalLong.empty(), Optional.empty(), Explanation.NONE));
        end();
    }

    /** Nothing is told any more. */
    void end() {
        open = false;
        if (heartbeat != null) {
            heartbeat.stop();
        }
    }

    private boolean send(Packet packet) {
        LinkOutput out = required();
        boolean fits = writer.write(packet, out.buffer());
        sent(out);
        return fits;
    }

    private void sent(LinkOutput out) {
        if (heartbeat != null) {
            heartbeat.sent();
        }
        out.flushSoon();
    }

    private LinkOutput required() {
        LinkOutput out = outgoing;
        if (out == null) {
            throw new IllegalStateException("there is no socket yet");
        }
        return out;
    }
}
