// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Writes down what the bridge asks for and answers when the test says so. */
final class FakeUpstream implements Upstream {

    record Published(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        String text() {
            return message.payload().text();
        }
    }

    final List<URI> attempts = new ArrayList<>();
    final List<BridgeRule.Fetch> subscriptions = new ArrayList<>();
    final List<Published> published = new ArrayList<>();
    final List<Fetched> acknowledged = new ArrayList<>();
    int disconnects;
    boolean writable = true;
    boolean listening = true;
    Events events;

    static Terms terms(int receiveMaximum) {
        return new Terms(false, receiveMaximum, Qos.EXACTLY_ONCE, true, true);
    }

    FakeUpstream with(Events told) {
        events = told;
        return this;
    }

    @Override
    public void connect(URI address) {
        attempts.add(address);
    }

    @Override
    public void subscribe(List<BridgeRule.Fetch> rules) {
        subscriptions.addAll(rules);
    }

    @Override
    public void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        published.add(new Published(token, topic, qos, retain, expirySeconds, message));
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void read(boolean on) {
        listening = on;
    }

    @Override
    public void acknowledge(Fetched fetched) {
        acknowledged.add(fetched);
    }

    @Override
    public void disconnect() {
        disconnects++;
    }

    /** Answers the oldest publication that has not been answered. */
    Published answer(ReasonCode reason) {
        Published first = published.removeFirst();
        events.published(first.token(), reason);
        return first;
    }

    List<String> texts() {
        return published.stream().map(Published::text).toList();
    }
}
