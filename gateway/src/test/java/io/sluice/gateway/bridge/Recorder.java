// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes down what a link tells. */
final class Recorder implements Upstream.Events {

    final List<Upstream.Terms> connected = new CopyOnWriteArrayList<>();
    final List<String> closed = new CopyOnWriteArrayList<>();
    final List<Upstream.End> ends = new CopyOnWriteArrayList<>();
    final List<ReasonCode> subscribed = new CopyOnWriteArrayList<>();
    final Map<Long, ReasonCode> published = new ConcurrentHashMap<>();
    final List<Upstream.Fetched> fetched = new CopyOnWriteArrayList<>();
    final List<String> refused = new CopyOnWriteArrayList<>();
    final AtomicInteger writable = new AtomicInteger();
    final List<String> answeredTwice = new ArrayList<>();

    @Override
    public void connected(Upstream.Terms terms) {
        connected.add(terms);
    }

    @Override
    public void closed(Upstream.End end, String why) {
        ends.add(end);
        closed.add(why);
    }

    @Override
    public void subscribed(BridgeRule.Fetch rule, ReasonCode reason) {
        subscribed.add(reason);
    }

    @Override
    public void published(long token, ReasonCode reason) {
        if (published.put(token, reason) != null) {
            answeredTwice.add("token " + token);
        }
    }

    @Override
    public void writable() {
        writable.incrementAndGet();
    }

    @Override
    public void fetched(Upstream.Fetched message) {
        fetched.add(message);
    }

    @Override
    public void refused(String why) {
        refused.add(why);
    }

    void awaitConnected(int times) {
        LiveLoop.awaitAnywhere(
                () -> "connected " + times + " times, closed: " + closed,
                Duration.ofSeconds(15),
                () -> connected.size() >= times);
    }

    void awaitClosed(int times) {
        LiveLoop.awaitAnywhere("closed " + times + " times", Duration.ofSeconds(15), () -> closed.size() >= times);
    }
}
