// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.device.DeviceSettings;
import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes settings of drafts: fills placeholders and refuses what is right by itself but impossible together. What it returns is
 * valid only if the document has no problem in the end.
 */
final class Assembly {

    private final Drafts.Whole whole;
    private final Document document;

    Assembly(Drafts.Whole whole, Document document) {
        this.whole = whole;
        this.document = document;
    }

    Settings settings() {
        ListenerAssembly listeners = new ListenerAssembly(whole.gatewayId(), document);
        return new Settings(
                whole.gatewayId(),
                whole.data(),
                whole.limits(),
                whole.mqtt(),
                listeners.listeners(whole),
                listeners.access(whole),
                devices(),
                new BridgeAssembly(whole.gatewayId(), document).bridges(whole.bridges()));
    }

    private List<Settings.Device> devices() {
        List<Settings.Device> devices = new ArrayList<>();
        Map<String, String> serialOwners = new HashMap<>();
        for (Named<Drafts.Device> draft : whole.devices()) {
            Drafts.Device device = draft.value();
            if (device.link().value() instanceof Link.Serial serial) {
                String before = serialOwners.putIfAbsent(serial.path(), draft.name());
                if (before != null) {
                    document.problem(
                            device.link().place(),
                            "the serial port belongs to the device '%s' already".formatted(before),
                            "give each device a port of its own");
                }
            }
            topic(draft.name(), device)
                    .ifPresent(topic -> devices.add(new Settings.Device(
                            new DeviceSettings(
                                    draft.name(), device.link().value(), device.framing(), device.decoding()),
                            topic,
                            device.publish().qos(),
                            device.publish().retain())));
        }
        return devices;
    }

    /** The topic with all placeholders filled but {@code {field}}, which each value fills anew. */
    private Optional<String> topic(String name, Drafts.Device device) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("gateway", whole.gatewayId());
        values.put("device", name);
        values.put("field", "{field}");
        Located<String> template = device.publish().topic();
        Optional<String> topic = Template.fill(template, values, document);
        if (topic.isEmpty()) {
            return topic;
        }
        List<String> fields = switch (device.decoding()) {
            case Decoding.Text text -> List.of("value");
            case Decoding.Csv csv -> csv.fields();
        };
        for (String field : fields) {
            try {
                TopicName _ = new TopicName(topic.get().replace("{field}", field));
            } catch (IllegalArgumentException invalid) {
                document.problem(
                        template.place(),
                        String.valueOf(invalid.getMessage()),
                        "readings are published to one plain topic name");
                return Optional.empty();
            }
        }
        return topic;
    }
}
