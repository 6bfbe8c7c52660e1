// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.scenario;

import io.sluice.config.Settings;
import java.time.Duration;

/** The default limits but for the one that a test is about. */
final class Limits {

    private Limits() {}

    static Settings.Limits connections(Settings.Limits from, int connections) {
        return limits(
                from, connections, from.sessions(), from.subscriptions(), from.receiveMaximum(), from.keepAlive());
    }

    static Settings.Limits sessions(Settings.Limits from, int sessions) {
        return limits(
                from, from.connections(), sessions, from.subscriptions(), from.receiveMaximum(), from.keepAlive());
    }

    static Settings.Limits subscriptions(Settings.Limits from, int subscriptions) {
        return limits(
                from, from.connections(), from.sessions(), subscriptions, from.receiveMaximum(), from.keepAlive());
    }

    static Settings.Limits receiveMaximum(Settings.Limits from, int receiveMaximum) {
        return limits(
                from, from.connections(), from.sessions(), from.subscriptions(), receiveMaximum, from.keepAlive());
    }

    static Settings.Limits keepAlive(Settings.Limits from, Duration keepAlive) {
        return limits(
                from, from.connections(), from.sessions(), from.subscriptions(), from.receiveMaximum(), keepAlive);
    }

    static Settings.Limits allSubscriptions(Settings.Limits from, int allSubscriptions) {
        return new Settings.Limits(
                from.memory(),
                from.connections(),
                from.sessions(),
                from.subscriptions(),
                allSubscriptions,
                from.packetBytes(),
                from.receiveMaximum(),
                from.sessionExpiry(),
                from.keepAlive(),
                from.retainedMessages(),
                from.retainedBytes(),
                from.ingressBytes(),
                from.outboxMessages(),
                from.outboxBytes());
    }

    private static Settings.Limits limits(
            Settings.Limits from,
            int connections,
            int sessions,
            int subscriptions,
            int receiveMaximum,
            Duration keepAlive) {
        return new Settings.Limits(
                from.memory(),
                connections,
                sessions,
                subscriptions,
                from.allSubscriptions(),
                from.packetBytes(),
                receiveMaximum,
                from.sessionExpiry(),
                keepAlive,
                from.retainedMessages(),
                from.retainedBytes(),
                from.ingressBytes(),
                from.outboxMessages(),
                from.outboxBytes());
    }

    static Settings.Limits memory(Settings.Limits from, Settings.Memory memory) {
        return new Settings.Limits(
                memory,
                from.connections(),
                from.sessions(),
                from.subscriptions(),
                from.allSubscriptions(),
                from.packetBytes(),
                from.receiveMaximum(),
                from.sessionExpiry(),
                from.keepAlive(),
                from.retainedMessages(),
                from.retainedBytes(),
                from.ingressBytes(),
                from.outboxMessages(),
                from.outboxBytes());
    }

    static Settings.Limits retained(Settings.Limits from, int count, long bytes) {
        return memory(from, count, bytes, from.ingressBytes(), from.outboxMessages(), from.outboxBytes());
    }

    static Settings.Limits ingress(Settings.Limits from, long bytes) {
        return memory(
                from, from.retainedMessages(), from.retainedBytes(), bytes, from.outboxMessages(), from.outboxBytes());
    }

    static Settings.Limits outbox(Settings.Limits from, int count, long bytes) {
        return memory(from, from.retainedMessages(), from.retainedBytes(), from.ingressBytes(), count, bytes);
    }

    private static Settings.Limits memory(
            Settings.Limits from,
            int retainedMessages,
            long retainedBytes,
            long ingressBytes,
            int outboxMessages,
            long outboxBytes) {
        return new Settings.Limits(
                from.memory(),
                from.connections(),
                from.sessions(),
                from.subscriptions(),
                from.allSubscriptions(),
                from.packetBytes(),
                from.receiveMaximum(),
                from.sessionExpiry(),
                from.keepAlive(),
                retainedMessages,
                retainedBytes,
                ingressBytes,
                outboxMessages,
                outboxBytes);
    }
}
