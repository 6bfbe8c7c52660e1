// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.field;

import io.sluice.config.Settings;
import io.sluice.device.Reading;
import io.sluice.device.ReadingSink;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.SafeInOrder;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.routing.Router;
import io.sluice.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Makes messages of readings and routes them. A device has at most {@link #UNDER_WAY_MAX} readings that are not safe in the journal;
 * then its thread waits here, and the device is not read.
 */
public final class FieldMessages implements ReadingSink {

    static final int UNDER_WAY_MAX = 256;
    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(1);
    private static final String FIELD = "{field}";

    private final Loop loop;
    private final Journal journal;
    private final Router router;
    private final Map<String, Source> sources = new HashMap<>();

    /** @param unsafe what is to be done when the device's messages are safe, in their order */
    private record Source(Settings.Device device, Semaphore room, SafeInOrder<Runnable> unsafe) {}

    public FieldMessages(Loop loop, Journal journal, Router router, List<Settings.Device> devices) {
        this.loop = loop;
        this.journal = journal;
        this.router = router;
        devices.forEach(device -> sources.put(
                device.settings().name(),
                new Source(device, new Semaphore(UNDER_WAY_MAX), new SafeInOrder<>(journal, Runnable::run))));
    }

    /** On a device's thread; waits while too many of the device's readings are under way. */
    @Override
    public void accept(Reading reading) throws InterruptedException {
        Source source = sources.get(reading.device());
        if (source == null) {
            throw new IllegalStateException("a reading of the unknown device " + reading.device());
        }
        List<Message> messages = messages(reading, source.device());
        source.room().acquire();
        loop.execute(() -> route(messages, source));
    }

    private void route(List<Message> messages, Source source) {
        for (int i = 0; i < messages.size(); i++) {
            Router.Routed routed = router.route(messages.get(i), source, 0, 0);
            if (routed.reason() == ReasonCode.QUOTA_EXCEEDED) {
                List<Message> left = messages.subList(i, messages.size());
                loop.schedule(REFUSED_AGAIN, () -> route(left, source)); // the device waits, nothing is dropped
                return;
            }
            source.unsafe().add(() -> {}, routed.receipt());
        }
        source.unsafe().add(source.room()::release, 0); // behind all of them
    }

    private List<Message> messages(Reading reading, Settings.Device device) {
        if (device.topic().contains(FIELD)) {
            List<Message> messages = new ArrayList<>();
            for (Reading.Value value : reading.values()) {
                String topic = device.topic().replace(FIELD, value.field());
                messages.add(message(topic, value.text(), device));
            }
            return messages;
        }
        List<Reading.Value> values = reading.values();
        String text = values.size() == 1 ? values.getFirst().text() : JsonText.object(values);
        return List.of(message(device.topic(), text, device));
    }

    private Message message(String topic, String text, Settings.Device device) {
        return Message.of(
                new TopicName(topic),
                device.qos(),
                device.retain(),
                MessageProperties.none(),
                Message.NEVER,
                journal.clock().now(),
                Payload.ofText(text));
    }
}
