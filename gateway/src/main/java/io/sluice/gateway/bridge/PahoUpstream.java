// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * The link to upstream on Eclipse Paho 1.2.5: for each connection a new client, without topic aliases, own reconnecting, buffer or
 * memory. Lives on the broker thread; what blocks runs on threads that end with the connection.
 *
 * <p>QoS 2 is not carried: rules that ask for it get QoS 1.
 */
public final class PahoUpstream implements Upstream {

    private final Settings.Upstream settings;
    private final int packetBytesMax;
    private final Loop loop;
    private final Events events;
    private final LongSupplier clock;
    private Optional<PahoLink> link = Optional.empty();
    private long connections;

    /**
     * @param packetBytesMax the largest packet taken from upstream, in bytes; upstream is told a little more, because its topics may
     *     be longer
     * @param clock milliseconds of the journal's clock, called on any thread
     */
    public PahoUpstream(Settings.Upstream settings, int packetBytesMax, Loop loop, Events events, LongSupplier clock) {
        this.settings = settings;
        this.packetBytesMax = packetBytesMax;
        this.loop = loop;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public void connect(URI address) {
        loop.assertHere();
        link.ifPresent(PahoLink::disconnect);
        try {
            PahoLink opened = new PahoLink(++connections, address, settings, packetBytesMax, loop, events, clock);
            link = Optional.of(opened);
            opened.connect();
        } catch (MqttException e) {
            throw new IllegalStateException("a client without a memory cannot fail to open it", e);
        }
    }

    @Override
    public void subscribe(List<BridgeRule.Fetch> rules) {
        int identifier = 0;
        for (BridgeRule.Fetch rule : rules) {
            int mine = ++identifier;
            link.ifPresent(open -> open.subscribe(rule, mine));
        }
    }

    @Override
    public void publish(long token, TopicName topic, Qos qos, boolean retain, long expirySeconds, Message message) {
        link.ifPresent(open -> open.publish(token, topic, qos, retain, expirySeconds, message));
    }

    @Override
    public void acknowledge(Fetched fetched) {
        link.ifPresent(open -> open.acknowledge(fetched));
    }

    @Override
    public void disconnect() {
        link.ifPresent(PahoLink::disconnect);
    }
}
