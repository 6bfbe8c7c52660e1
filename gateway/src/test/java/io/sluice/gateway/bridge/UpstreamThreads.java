// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The threads that a link or Paho started, by the names they are given. */
final class UpstreamThreads {

    /** The client id under which tests of Paho alone run, which loses threads. */
    static final String LOST = "lost";

    private UpstreamThreads() {}

    static List<String> alive() {
        return all().filter(name -> !name.endsWith(" " + LOST)).toList();
    }

    /** Whether a thread of that client is there: {@code Rec}, {@code Snd}, {@code Call}, {@code Con} or {@code Ping}. */
    static boolean isAlive(String kind, String clientId) {
        return all().anyMatch(("MQTT " + kind + ": " + clientId)::equals);
    }

    private static Stream<String> all() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("MQTT ") || name.startsWith("bridge "))
                .sorted();
    }

    static void awaitNone() {
        LiveLoop.awaitAnywhere(
                () -> "no threads left, found " + alive(), Duration.ofSeconds(10), () -> alive().isEmpty());
    }
}
