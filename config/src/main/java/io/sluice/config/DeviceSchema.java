// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.config.MapShape.Keys;
import io.sluice.config.MapShape.Values;
import io.sluice.device.DeviceSettings.Decoding;
import io.sluice.device.DeviceSettings.Framing;
import io.sluice.device.DeviceSettings.Link;
import io.sluice.device.DeviceSettings.Parity;
import io.sluice.device.DeviceSettings.StopBits;
import io.sluice.topic.Qos;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The keys of a device; see {@link Schema}. */
final class DeviceSchema {

    private DeviceSchema() {}

    static Shape<Drafts.Device> device() {
        Map<String, MapShape<? extends Drafts.Device>> variants = new LinkedHashMap<>();
        variants.put("serial", serial());
        variants.put("tcp", tcp());
        return new OneOf<>(variants);
    }

    private static MapShape<Drafts.Device> serial() {
        Keys keys = new Keys();
        Key<Located<String>> path = keys.required("serial", port().located(), "'serial: /dev/serial/by-id/NAME'");
        Key<Integer> baud = keys.key("baud", Scalars.integer(50, 4_000_000), "9600");
        Key<Integer> dataBits = keys.key("data-bits", Scalars.integer(5, 8), "8");
        Key<Parity> parity = keys.key("parity", Scalars.word(Parity.class), "none");
        Key<StopBits> stopBits = keys.key("stop-bits", Scalars.words(stopBits()), "1");
        return common(keys, values -> {
            StopBits stop = values.get(stopBits);
            if (stop == StopBits.ONE_AND_A_HALF && values.get(dataBits) != 5) {
                values.refuse(
                        stopBits,
                        "'stop-bits' is 1.5, which a line only has with 5 data bits",
                        "write 2, or 'data-bits: 5'");
                stop = StopBits.TWO;
            }
            Link line = new Link.Serial(
                    values.get(path).value(), values.get(baud), values.get(dataBits), values.get(parity), stop);
            return new Located<>(line, values.get(path).place());
        });
    }

    private static Shape<String> port() {
        return Scalars.text().then((text, place, document) -> {
            if (text.isBlank()) {
                throw new Wrong("'{name}' is blank", "write the port's path, for instance /dev/serial/by-id/NAME");
            }
            return text;
        });
    }

    private static MapShape<Drafts.Device> tcp() {
        Keys keys = new Keys();
        Shape<Link> address = Scalars.hostAndPort(Link.Tcp::new);
        Key<Located<Link>> peer = keys.required("tcp", address.located(), "'tcp: \"HOST:PORT\"'");
        return common(keys, values -> values.get(peer));
    }

    private static MapShape<Drafts.Device> common(Keys keys, Function<Values, Located<Link>> link) {
        Key<Framing> framing = keys.key("framing", framing(), "line");
        Key<Decoding> decode = keys.key("decode", decoding(), "text");
        Key<Drafts.Publish> publish = keys.required("publish", publish(), "'publish: {topic: \"sensors/{device}\"}'");
        return keys.map(values ->
                new Drafts.Device(link.apply(values), values.get(framing), values.get(decode), values.get(publish)));
    }

    private static Map<String, StopBits> stopBits() {
        Map<String, StopBits> words = new LinkedHashMap<>();
        words.put("1", StopBits.ONE);
        words.put("1.5", StopBits.ONE_AND_A_HALF);
        words.put("2", StopBits.TWO);
        return words;
    }

    private static Shape<Framing> framing() {
        Keys keys = new Keys();
        Key<Integer> bytesMax = keys.key("bytes-max", Quantities.intBytes("1B", "65535B"), "4KiB");
        return new Tagged<>(Map.of("line", keys.map(values -> new Framing.Line(values.get(bytesMax)))));
    }

    private static Shape<Decoding> decoding() {
        Map<String, Shape<? extends Decoding>> words = new LinkedHashMap<>();
        words.put("text", new Keys().map(values -> new Decoding.Text()));
        words.put("csv", csv());
        return new Tagged<>(words);
    }

    private static MapShape<Decoding> csv() {
        Keys keys = new Keys();
        Shape<List<String>> names = new Shape.Items<>(Scalars.topicLevel()).then((fields, place, document) -> {
            if (fields.isEmpty()) {
                throw new Wrong(
                        "'{name}' names no field",
                        "name what stands in each column, for instance [temperature, pressure]");
            }
            if (new HashSet<>(fields).size() < fields.size()) {
                throw new Wrong("'{name}' names a field twice", "give each column a name of its own");
            }
            return fields;
        });
        Key<List<String>> fields = keys.required("fields", names, "'fields: [temperature, pressure]'");
        Key<Character> separator = keys.key("separator", separator(), "\",\"");
        return keys.mapOrListOf(fields, values -> new Decoding.Csv(values.get(fields), values.get(separator)));
    }

    private static Shape<Character> separator() {
        return Scalars.text().then((text, place, document) -> {
            if (text.length() != 1 || "\r\n\"".contains(text)) {
                throw new Wrong("'{name}' is '{value}'", "it must be one character, neither a quote nor a line end");
            }
            return text.charAt(0);
        });
    }

    private static MapShape<Drafts.Publish> publish() {
        Keys keys = new Keys();
        Key<Located<String>> topic = keys.required("topic", Scalars.text().located(), "'topic: \"sensors/{device}\"'");
        Key<Qos> qos = keys.key("qos", Scalars.integer(0, 2).then((level, place, document) -> Qos.of(level)), "1");
        Key<Boolean> retain = keys.key("retain", Scalars.flag(), "false");
        return keys.map(values -> new Drafts.Publish(values.get(topic), values.get(qos), values.get(retain)));
    }
}
