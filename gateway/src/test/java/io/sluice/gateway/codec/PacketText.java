// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** Renders a packet in one line: its name, then what is not the default, in a fixed order. For the packet cases. */
final class PacketText {

    private static final int SHOWN_BYTES_MAX = 40;

    private final StringBuilder out;

    private PacketText(String name) {
        out = new StringBuilder(name);
    }

    static String of(Packet packet) {
        return switch (packet) {
            case Packet.Connect it -> connect(it);
            case Packet.Connack it -> connack(it);
            case Packet.Publish it ->
                new PacketText("PUBLISH")
                        .message(it.message())
                        .number("id", it.packetId(), 0)
                        .flag("dup", it.dup())
                        .list("subscription", it.subscriptionIds())
                        .text();
            case Packet.Puback it -> acknowledgement("PUBACK", it.packetId(), it.reason(), it.explanation());
            case Packet.Pubrec it -> acknowledgement("PUBREC", it.packetId(), it.reason(), it.explanation());
            case Packet.Pubrel it -> acknowledgement("PUBREL", it.packetId(), it.reason(), it.explanation());
            case Packet.Pubcomp it -> acknowledgement("PUBCOMP", it.packetId(), it.reason(), it.explanation());
            case Packet.Subscribe it -> subscribe(it);
            case Packet.Suback it -> answer("SUBACK", it.packetId(), it.reasons(), it.explanation());
            case Packet.Unsubscribe it ->
                new PacketText("UNSUBSCRIBE")
                        .number("id", it.packetId(), 0)
                        .user(it.userProperties())
                        .list("filter", it.filters())
                        .text();
            case Packet.Unsuback it -> answer("UNSUBACK", it.packetId(), it.reasons(), it.explanation());
            case Packet.Pingreq _ -> "PINGREQ";
            case Packet.Pingresp _ -> "PINGRESP";
            case Packet.Disconnect it -> {
                PacketText text = new PacketText("DISCONNECT").reason(it.reason());
                it.sessionExpirySeconds().ifPresent(seconds -> text.put("expiry", seconds));
                it.serverReference().ifPresent(other -> text.put("server", other));
                yield text.explanation(it.explanation()).text();
            }
            case Packet.Auth it -> {
                PacketText text = new PacketText("AUTH").reason(it.reason());
                it.authenticationMethod().ifPresent(method -> text.put("method", method));
                it.authenticationData().ifPresent(data -> text.put("data", shown(data)));
                yield text.explanation(it.explanation()).text();
            }
        };
    }

    private static String connect(Packet.Connect it) {
        PacketText text = new PacketText("CONNECT")
                .put("version", it.version() == ProtocolVersion.MQTT_5 ? "5" : "3.1.1")
                .put("client", it.clientId())
                .flag("clean", it.cleanStart())
                .number("keep-alive", it.keepAliveSeconds(), 0);
        ConnectProperties properties = it.properties();
        text.number("expiry", properties.sessionExpirySeconds(), 0)
                .number("receive-max", properties.receiveMaximum(), 65_535);
        properties.maximumPacketSize().ifPresent(bytes -> text.put("packet-max", bytes));
        text.number("alias-max", properties.topicAliasMaximum(), 0)
                .flag("response-info", properties.requestResponseInformation())
                .flag("no-problem-info", !properties.requestProblemInformation());
        properties.authenticationMethod().ifPresent(method -> text.put("method", method));
        properties.authenticationData().ifPresent(data -> text.put("data", shown(data)));
        text.user(properties.userProperties());
        it.userName().ifPresent(name -> text.put("user-name", name));
        it.password().ifPresent(password -> text.put("password", shown(password)));
        it.will().ifPresent(text::will);
        return text.text();
    }

    private void will(Will will) {
        out.append(" will:");
        number("delay", will.delaySeconds(), 0).message(will.message());
    }

    private static String connack(Packet.Connack it) {
        Packet.ConnackProperties properties = it.properties();
        PacketText text =
                new PacketText("CONNACK").flag("present", it.sessionPresent()).reason(it.reason());
        properties.sessionExpirySeconds().ifPresent(seconds -> text.put("expiry", seconds));
        text.number("receive-max", properties.receiveMaximum(), 65_535)
                .number("max-qos", properties.maximumQos().level(), 2)
                .flag("no-retain", !properties.retainAvailable());
        properties.maximumPacketSize().ifPresent(bytes -> text.put("packet-max", bytes));
        properties.assignedClientId().ifPresent(id -> text.put("assigned", id));
        text.number("alias-max", properties.topicAliasMaximum(), 0)
                .flag("no-wildcard", !properties.wildcardSubscriptionAvailable())
                .flag("no-subscription-ids", !properties.subscriptionIdentifiersAvailable())
                .flag("no-shared", !properties.sharedSubscriptionAvailable());
        properties.serverKeepAliveSeconds().ifPresent(seconds -> text.put("keep-alive", seconds));
        properties.responseInformation().ifPresent(information -> text.put("response-info", information));
        properties.serverReference().ifPresent(other -> text.put("server", other));
        properties.authenticationMethod().ifPresent(method -> text.put("method", method));
        properties.authenticationData().ifPresent(data -> text.put("data", shown(data)));
        return text.explanation(properties.explanation()).text();
    }

    private static String subscribe(Packet.Subscribe it) {
        PacketText text = new PacketText("SUBSCRIBE").number("id", it.packetId(), 0);
        it.subscriptionId().ifPresent(id -> text.put("subscription", id));
        text.user(it.userProperties());
        for (Subscription each : it.subscriptions()) {
            text.put(
                    "filter",
                    each.filter() + "," + each.maximumQos().level()
                            + (each.noLocal() ? ",no-local" : "")
                            + (each.retainAsPublished() ? ",as-published" : "")
                            + (each.retainHandling() == RetainHandling.SEND ? "" : "," + each.retainHandling()));
        }
        return text.text();
    }

    private static String acknowledgement(String name, int packetId, ReasonCode reason, Packet.Explanation why) {
        return new PacketText(name)
                .number("id", packetId, 0)
                .reason(reason)
                .explanation(why)
                .text();
    }

    private static String answer(String name, int packetId, List<ReasonCode> reasons, Packet.Explanation why) {
        PacketText text = new PacketText(name).number("id", packetId, 0);
        for (ReasonCode reason : reasons) {
            text.put("reason", "0x%02X".formatted(reason.code()));
        }
        return text.explanation(why).text();
    }

    private PacketText message(Message message) {
        put("topic", message.topic()).number("qos", message.qos().level(), Qos.AT_MOST_ONCE.level());
        flag("retain", message.retain());
        number("message-expiry", message.expirySeconds(), Message.NEVER);
        MessageProperties properties = message.properties();
        flag("utf8", properties.isUtf8Payload());
        properties.contentType().ifPresent(type -> put("type", type));
        properties.responseTopic().ifPresent(topic -> put("response", topic));
        properties.correlationData().ifPresent(data -> put("correlation", shown(data)));
        user(properties.userProperties());
        return message.payload().isEmpty() ? this : put("payload", shown(message.payload()));
    }

    private PacketText explanation(Packet.Explanation why) {
        why.reasonString().ifPresent(reason -> put("because", reason));
        return user(why.userProperties());
    }

    private PacketText user(List<UserProperty> properties) {
        for (UserProperty property : properties) {
            put("user", property.name() + ":" + property.value());
        }
        return this;
    }

    private PacketText reason(ReasonCode reason) {
        return reason == ReasonCode.SUCCESS ? this : put("reason", "0x%02X".formatted(reason.code()));
    }

    private PacketText list(String key, List<?> values) {
        values.forEach(value -> put(key, value));
        return this;
    }

    private PacketText number(String key, long value, long absent) {
        return value == absent ? this : put(key, value);
    }

    private PacketText flag(String key, boolean value) {
        out.append(value ? " " + key : "");
        return this;
    }

    private PacketText put(String key, Object value) {
        out.append(' ').append(key).append('=').append(value);
        return this;
    }

    /** As text if it is short UTF-8, else hexadecimal, else only the length. */
    private static String shown(Payload payload) {
        if (payload.length() > SHOWN_BYTES_MAX) {
            return payload.length() + "-bytes";
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(payload.asBuffer())
                    .toString();
            if (text.chars().noneMatch(Character::isISOControl)) {
                return text;
            }
        } catch (CharacterCodingException notText) {
            // Falls through to hexadecimal.
        }
        return "0x" + HexFormat.of().withUpperCase().formatHex(payload.toBytes());
    }

    private String text() {
        return out.toString();
    }
}
