// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import java.util.Optional;

/**
 * The bytes of a {@link DurableState} within a STATE record, texts as {@code | bytes varint | UTF-8 |}:
 *
 * <pre>
 * SESSION       | 1 | owner varint | client identifier | expiry varint | disconnected at + 1 varint | will u8 | will, if 1 |
 * will          | bytes varint | delay varint | message |
 * SUBSCRIPTION  | 2 | owner varint | filter | options u8, as in SUBSCRIBE | subscription identifier varint |
 * BRIDGE        | 3 | owner varint | bridge | rule |
 * RETAINED      | 4 | message |
 * SHARE         | 5 | owner varint | filter |
 * OWN SESSION   | 6 | identity | as SESSION from the owner on |
 * message       | QoS and flags u8 | received at varint | expiry + 1 varint | topic bytes varint | properties bytes varint | all |
 * </pre>
 */
final class StateFormat {

    private static final int SESSION = 1;
    private static final int SUBSCRIPTION = 2;
    private static final int BRIDGE = 3;
    private static final int RETAINED = 4;
    private static final int SHARE = 5;
    private static final int OWN_SESSION = 6;

    private StateFormat() {}

    static void write(DurableState state, RecordBuffer out) {
        switch (state) {
            case DurableState.SessionState session -> {
                out.u8(session.identity().isPresent() ? OWN_SESSION : SESSION);
                session.identity().ifPresent(out::text);
                out.varint(session.owner());
                out.text(session.clientId());
                out.varint(session.expirySeconds());
                out.varint(session.disconnectedAt() + 1);
                out.u8(session.will().isPresent() ? 1 : 0);
                session.will().ifPresent(will -> writeWill(will, out));
            }
            case DurableState.SubscriptionState subscription -> {
                out.u8(SUBSCRIPTION);
                out.varint(subscription.owner());
                out.text(subscription.subscription().filter().toString());
                out.u8(options(subscription.subscription()));
                out.varint(subscription.subscriptionId());
            }
            case DurableState.BridgeState bridge -> {
                out.u8(BRIDGE);
                out.varint(bridge.owner());
                out.text(bridge.bridge());
                out.text(bridge.rule());
            }
            case DurableState.ShareState share -> {
                out.u8(SHARE);
                out.varint(share.owner());
                out.text(share.filter().toString());
            }
            case DurableState.RetainedState retained -> {
                out.u8(RETAINED);
                writeMessage(retained.message(), out);
            }
        }
    }

    static DurableState read(RecordCursor in) {
        int kind = in.u8();
        return switch (kind) {
            case SESSION -> session(in, Optional.empty());
            case OWN_SESSION -> session(in, Optional.of(in.text()));
            case SUBSCRIPTION ->
                new DurableState.SubscriptionState(
                        in.varint(), subscription(TopicFilter.of(in.text()), in.u8()), (int) in.varint());
            case BRIDGE -> new DurableState.BridgeState(in.varint(), in.text(), in.text());
            case SHARE -> new DurableState.ShareState(in.varint(), TopicFilter.of(in.text()));
            case RETAINED -> new DurableState.RetainedState(readMessage(in));
            default -> throw new IllegalStateException("unknown kind of state " + kind);
        };
    }

    private static DurableState session(RecordCursor in, Optional<String> identity) {
        long owner = in.varint();
        String clientId = in.text();
        long expirySeconds = in.varint();
        long disconnectedAt = in.varint() - 1;
        Optional<Will> will = in.u8() == 1 ? Optional.of(readWill(in.part())) : Optional.empty();
        return new DurableState.SessionState(owner, clientId, expirySeconds, disconnectedAt, will, identity);
    }

    private static void writeWill(Will will, RecordBuffer out) {
        RecordBuffer part = new RecordBuffer(will.message().bytes().length + 32);
        part.varint(will.delaySeconds());
        writeMessage(will.message(), part);
        out.varint(part.length());
        for (int i = 0; i < part.length(); i++) {
            out.u8(part.array()[i]);
        }
    }

    private static Will readWill(RecordCursor in) {
        long delaySeconds = in.varint();
        return new Will(readMessage(in), delaySeconds);
    }

    private static void writeMessage(Message message, RecordBuffer out) {
        out.u8(message.qos().level() | (message.retain() ? RecordBuffer.FLAG_RETAIN : 0));
        out.varint(message.receivedAt());
        out.varint(message.expirySeconds() + 1);
        out.content(message);
    }

    private static Message readMessage(RecordCursor in) {
        int flags = in.u8();
        long receivedAt = in.varint();
        long expirySeconds = in.varint() - 1;
        return in.content(Qos.of(flags & 3), (flags & RecordBuffer.FLAG_RETAIN) != 0, expirySeconds, receivedAt);
    }

    private static int options(Subscription subscription) {
        return subscription.maximumQos().level()
                | (subscription.noLocal() ? 4 : 0)
                | (subscription.retainAsPublished() ? 8 : 0)
                | (subscription.retainHandling().ordinal() << 4);
    }

    private static Subscription subscription(TopicFilter filter, int options) {
        return new Subscription(
                filter,
                Qos.of(options & 3),
                (options & 4) != 0,
                (options & 8) != 0,
                RetainHandling.values()[options >> 4 & 3]);
    }
}
