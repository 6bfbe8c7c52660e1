// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.message.UserProperty;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Valid packets of one version out of a seed, of every kind and with every property. */
final class RandomPackets {

    private static final List<String> WORDS =
            List.of("a", "m", "temperature", "Kühler", "☃", "😀", "line 7", "x".repeat(130), "$SYS", "", "\uFEFFbom");

    private final SplittableRandom random;
    private final ProtocolVersion version;
    private final boolean five;

    RandomPackets(SplittableRandom random, ProtocolVersion version) {
        this.random = random;
        this.version = version;
        this.five = version == ProtocolVersion.MQTT_5;
    }

    /** What a client sends after its CONNECT. */
    Packet fromClient() {
        return switch (random.nextInt(five ? 9 : 8)) {
            case 0, 1 -> publish(List.of());
            case 2, 3 -> acknowledgement(Sender.CLIENT);
            case 4 -> subscribe();
            case 5 -> new Packet.Unsubscribe(packetId(), some(this::filter), userProperties());
            case 6 -> new Packet.Pingreq();
            case 7 ->
                new Packet.Disconnect(
                        five ? reason(ReasonTable.DISCONNECT, Sender.CLIENT) : ReasonCode.SUCCESS,
                        OptionalLong.empty(),
                        Optional.empty(),
                        explanation());
            default -> auth(Sender.CLIENT);
        };
    }

    /** What a server sends after its CONNACK. */
    Packet fromServer() {
        return switch (random.nextInt(five ? 9 : 7)) {
            case 0, 1 -> publish(five ? some(() -> 1 + random.nextInt(268_435_455)) : List.of());
            case 2, 3 -> acknowledgement(Sender.SERVER);
            case 4 -> new Packet.Suback(packetId(), some(this::subackReason), explanation());
            case 5 ->
                new Packet.Unsuback(
                        packetId(),
                        five ? some(() -> reason(ReasonTable.UNSUBACK, Sender.SERVER)) : List.of(),
                        explanation());
            case 6 -> new Packet.Pingresp();
            case 7 ->
                new Packet.Disconnect(
                        reason(ReasonTable.DISCONNECT, Sender.SERVER),
                        OptionalLong.empty(),
                        maybe(this::word),
                        explanation());
            default -> auth(Sender.SERVER);
        };
    }

    Packet.Connect connect() {
        Optional<String> userName = maybe(this::word);
        boolean clean = random.nextBoolean();
        return new Packet.Connect(
                version,
                word(),
                clean,
                random.nextInt(65_536),
                five
                        ? connectProperties()
                        : Packet.ConnectProperties.withExpiry(clean ? 0 : Packet.ConnectProperties.NEVER_EXPIRES),
                maybe(() -> new Will(message(), five ? unsignedInt() : 0)),
                userName,
                userName.isPresent() || five ? maybe(this::payload) : Optional.empty());
    }

    private Packet.ConnectProperties connectProperties() {
        Optional<String> method = maybe(this::word);
        return new Packet.ConnectProperties(
                unsignedInt(),
                1 + random.nextInt(65_535),
                random.nextBoolean() ? OptionalLong.of(1 + random.nextLong(0xFFFF_FFFFL)) : OptionalLong.empty(),
                random.nextInt(65_536),
                random.nextBoolean(),
                random.nextBoolean(),
                method,
                method.isPresent() ? maybe(this::payload) : Optional.empty(),
                userProperties());
    }

    Packet.Connack connack() {
        ReasonCode reason = five
                ? reason(ReasonTable.CONNACK, Sender.SERVER)
                : pick(List.of(ReasonCode.SUCCESS, ReasonCode.NOT_AUTHORIZED, ReasonCode.SERVER_UNAVAILABLE));
        boolean present = reason == ReasonCode.SUCCESS && random.nextBoolean();
        if (!five) {
            return new Packet.Connack(present, reason, Packet.ConnackProperties.none());
        }
        Optional<String> method = maybe(this::word);
        return new Packet.Connack(
                present,
                reason,
                new Packet.ConnackProperties(
                        random.nextBoolean() ? OptionalLong.of(unsignedInt()) : OptionalLong.empty(),
                        1 + random.nextInt(65_535),
                        Qos.of(random.nextInt(3)),
                        random.nextBoolean(),
                        random.nextBoolean()
                                ? OptionalLong.of(1 + random.nextLong(0xFFFF_FFFFL))
                                : OptionalLong.empty(),
                        maybe(this::word),
                        random.nextInt(65_536),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextBoolean() ? OptionalInt.of(random.nextInt(65_536)) : OptionalInt.empty(),
                        maybe(this::word),
                        maybe(this::word),
                        method,
                        method.isPresent() ? maybe(this::payload) : Optional.empty(),
                        explanation()));
    }

    private Packet.Publish publish(List<Integer> subscriptionIds) {
        Message message = message();
        boolean identified = message.qos() != Qos.AT_MOST_ONCE;
        return new Packet.Publish(
                message, identified ? packetId() : 0, identified && random.nextBoolean(), subscriptionIds);
    }

    private Message message() {
        boolean utf8 = random.nextBoolean();
        Payload payload = utf8 && five ? Payload.ofText(word()) : payload();
        return Message.of(
                new TopicName(topic()),
                Qos.of(random.nextInt(3)),
                random.nextBoolean(),
                five ? messageProperties(utf8) : MessageProperties.none(),
                five && random.nextBoolean() ? unsignedInt() : Message.NEVER,
                0,
                payload);
    }

    private MessageProperties messageProperties(boolean utf8) {
        MessageProperties.Builder builder = MessageProperties.builder();
        if (utf8 || random.nextBoolean()) {
            builder.utf8Payload(utf8);
        }
        maybe(this::word).ifPresent(builder::contentType);
        maybe(this::topic).ifPresent(builder::responseTopic);
        maybe(this::payload).ifPresent(builder::correlationData);
        userProperties().forEach(property -> builder.userProperty(property.name(), property.value()));
        return builder.build();
    }

    private Packet acknowledgement(Sender sender) {
        int id = packetId();
        return switch (random.nextInt(4)) {
            case 0 -> new Packet.Puback(id, reason(ReasonTable.PUBACK, sender), explanation());
            case 1 -> new Packet.Pubrec(id, reason(ReasonTable.PUBREC, sender), explanation());
            case 2 -> new Packet.Pubrel(id, reason(ReasonTable.PUBREL, sender), explanation());
            default -> new Packet.Pubcomp(id, reason(ReasonTable.PUBCOMP, sender), explanation());
        };
    }

    private Packet.Subscribe subscribe() {
        return new Packet.Subscribe(
                packetId(),
                some(this::subscription),
                five && random.nextBoolean() ? OptionalInt.of(1 + random.nextInt(268_435_455)) : OptionalInt.empty(),
                userProperties());
    }

    private Subscription subscription() {
        TopicFilter filter = filter();
        return new Subscription(
                filter,
                Qos.of(random.nextInt(3)),
                five && filter.share().isEmpty() && random.nextBoolean(),
                five && random.nextBoolean(),
                five ? RetainHandling.values()[random.nextInt(3)] : RetainHandling.SEND);
    }

    private Packet.Auth auth(Sender sender) {
        return new Packet.Auth(reason(ReasonTable.AUTH, sender), Optional.of("m"), maybe(this::payload), explanation());
    }

    private ReasonCode subackReason() {
        ReasonCode reason = reason(ReasonTable.SUBACK, Sender.SERVER);
        return five || !reason.isError() ? reason : ReasonCode.UNSPECIFIED_ERROR;
    }

    private ReasonCode reason(ReasonTable table, Sender sender) {
        if (!five && table != ReasonTable.SUBACK) {
            return ReasonCode.SUCCESS;
        }
        return pick(Stream.of(ReasonCode.values())
                .filter(reason -> table.has(reason, sender))
                .toList());
    }

    private Explanation explanation() {
        return five && random.nextInt(3) == 0 ? new Explanation(maybe(this::word), userProperties()) : Explanation.NONE;
    }

    private List<UserProperty> userProperties() {
        return five && random.nextInt(3) == 0 ? some(() -> new UserProperty(word(), word())) : List.of();
    }

    private TopicFilter filter() {
        String share = random.nextInt(4) == 0 ? "$share/group 1/" : "";
        return TopicFilter.of(share + pick(List.of("#", "+", "a/+/b", "+/#", topic(), topic() + "/#")));
    }

    private String topic() {
        return String.join("/", some(this::word)) + pick(List.of("/", "t"));
    }

    private Payload payload() {
        byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(100)];
        random.nextBytes(bytes);
        return Payload.of(bytes);
    }

    private String word() {
        return pick(WORDS);
    }

    private int packetId() {
        return 1 + random.nextInt(65_535);
    }

    private long unsignedInt() {
        return random.nextInt(3) == 0 ? random.nextLong(0x1_0000_0000L) : random.nextInt(100);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private <T> Optional<T> maybe(Supplier<T> value) {
        return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
    }

    private <T> List<T> some(Supplier<T> value) {
        List<T> values = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            values.add(value.get());
        }
        return values;
    }
}
