// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.topic.Qos;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was sent and acknowledged, what each receiver got of it, and everything that is not as promised. Usable from any thread. */
final class CrashLedger {

    private static final int SHOWN_MAX = 20;

    private final Map<Stream, Sent> streams = new HashMap<>();
    private final Map<String, Receipts> receivers = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private long acknowledged;
    private long repeated;

    /** A publisher's messages on one topic, which have to stay in order. */
    private record Stream(int publisher, int topic) {
        static Stream of(CrashMessage message) {
            return new Stream(message.publisher(), message.topic());
        }
    }

    private static final class Sent {
        private final BitSet acknowledged = new BitSet();
        private int sentMax = -1;
    }

    /** What a receiver is promised. */
    enum Promise {
        /** In order, and QoS 2 once. */
        SUBSCRIBER,
        /** In order; QoS 2 has become QoS 1 on the way. */
        BRIDGED,
        /** QoS 2 once; its members are no order. */
        SHARED
    }

    private static final class Receipts {
        private final Promise promise;
        private final Map<Stream, BitSet> arrived = new HashMap<>();

        private Receipts(Promise promise) {
            this.promise = promise;
        }
    }

    /** Before anything is sent: who gets all of it. Several sessions may report under one name. */
    synchronized void receiver(String name, Promise promise) {
        receivers.put(name, new Receipts(promise));
    }

    synchronized void sent(CrashMessage message) {
        Sent sent = stream(message);
        sent.sentMax = Math.max(sent.sentMax, message.sequence());
    }

    synchronized void acknowledged(CrashMessage message) {
        stream(message).acknowledged.set(message.sequence());
        acknowledged++;
    }

    synchronized void arrived(String receiver, CrashMessage message) {
        Receipts receipts = receivers.get(receiver);
        BitSet arrived = receipts.arrived.computeIfAbsent(Stream.of(message), any -> new BitSet());
        if (message.sequence() > stream(message).sentMax) {
            problem(receiver + " got " + message + ", which nobody sent");
        }
        if (arrived.get(message.sequence())) {
            repeated++;
            if (message.qos() == Qos.EXACTLY_ONCE && receipts.promise != Promise.BRIDGED) {
                problem(receiver + " got " + message + " with QoS 2 twice");
            }
        } else if (message.sequence() < arrived.length() - 1 && receipts.promise != Promise.SHARED) {
            problem(receiver + " got " + message + " after " + (arrived.length() - 1));
        }
        arrived.set(message.sequence());
    }

    synchronized void problem(String text) {
        problems.add(text);
    }

    /** The last sequence that was acknowledged on a topic, or -1. */
    synchronized int acknowledgedMax(CrashMessage of) {
        return stream(of).acknowledged.length() - 1;
    }

    /** The last sequence that was sent on a topic, or -1. */
    synchronized int sentMax(CrashMessage of) {
        return stream(of).sentMax;
    }

    /** How many acknowledged messages have not arrived, summed over the receivers. */
    synchronized long missing() {
        return receivers.values().stream()
                .mapToLong(receipts -> streams.keySet().stream()
                        .mapToLong(stream -> missing(receipts, stream).cardinality())
                        .sum())
                .sum();
    }

    /** What broke a promise so far. */
    synchronized List<String> problems() {
        return List.copyOf(problems.subList(0, Math.min(SHOWN_MAX, problems.size())));
    }

    /** The first messages that are missing, for each receiver and stream. */
    synchronized String explain() {
        List<String> lines = new ArrayList<>();
        receivers.forEach((name, receipts) -> streams.keySet().forEach(stream -> {
            BitSet missing = missing(receipts, stream);
            if (!missing.isEmpty()) {
                lines.add("%s lacks %,d of %s, QoS %d: %s; it has got %d"
                        .formatted(
                                name,
                                missing.cardinality(),
                                stream,
                                CrashMessage.qosOf(stream.publisher()).level(),
                                missing.stream().limit(SHOWN_MAX).boxed().toList(),
                                receipts.arrived
                                                .getOrDefault(stream, new BitSet())
                                                .length()
                                        - 1));
            }
        }));
        return String.join("\n", lines);
    }

    synchronized String summary() {
        return "%,d acknowledged, %,d repeated with QoS 1, %,d on their way, %d problems"
                .formatted(acknowledged, repeated, missing(), problems.size());
    }

    private static BitSet acknowledgedOf(Sent sent) {
        return (BitSet) sent.acknowledged.clone();
    }

    private BitSet missing(Receipts receipts, Stream stream) {
        BitSet missing = acknowledgedOf(streams.getOrDefault(stream, new Sent()));
        missing.andNot(receipts.arrived.getOrDefault(stream, new BitSet()));
        return missing;
    }

    private Sent stream(CrashMessage message) {
        return streams.computeIfAbsent(Stream.of(message), any -> new Sent());
    }
}
