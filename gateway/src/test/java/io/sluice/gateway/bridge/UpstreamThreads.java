// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.time.Duration;
import java.util.List;

/** The threads that a link or Paho started, by the names they are given. */
final class UpstreamThreads {

    /** The client id under which a test loses a thread on purpose. */
    static final String LOST = "lost";

    private UpstreamThreads() {}

    static List<String> alive() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("MQTT ") || name.startsWith("bridge "))
                .filter(name -> !name.endsWith(" " + LOST))
                .sorted()
                .toList();
    }

    static void awaitNone() {
        LiveLoop.awaitAnywhere("no threads left, found " + alive(), Duration.ofSeconds(10), () -> alive().isEmpty());
    }
}
