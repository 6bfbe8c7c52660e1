// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import java.time.Duration;
import java.util.List;

/** The threads that links started, by the names they are given. */
final class UpstreamThreads {

    private UpstreamThreads() {}

    private static List<String> alive() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("bridge "))
                .sorted()
                .toList();
    }

    static void awaitNone() {
        LiveLoop.awaitAnywhere(
                () -> "no threads left, found " + alive(), Duration.ofSeconds(10), () -> alive().isEmpty());
    }
}
