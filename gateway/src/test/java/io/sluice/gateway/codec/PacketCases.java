// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The packet cases in {@code src/test/resources/packets}, one file for each packet type. A case:
 *
 * <pre>
 * == qos1_emptyPayload
 * version: 5                       5 or 3.1.1
 * from: client                     client (default) or server
 * statements: MQTT-2.2.1-3         what the case is about; may be left out
 * after: connect                   connect (default from a client), connack (default from a server), auth-connect, nothing
 * alias-maximum: 0                 topic aliases the sender may use; default 0
 * packet-bytes-max: 1000000        longest packet the receiver takes
 * bytes:
 *   32 06                          | PUBLISH, QoS 1; 6 bytes follow
 *   00 01 "a"                      | topic name
 *   00 0A                          | packet identifier 10
 *   00                             | no properties
 * packet: PUBLISH topic=a qos=1 id=10
 * </pre>
 *
 * Bytes are hexadecimal pairs, or text in double quotes; {@code 61*300} repeats a byte; {@code |} begins a comment. A case ends in
 * {@code packet:} lines, one for each packet in the bytes, or {@code refused: 0x82 MQTT-3.3.1-2}, or the former and then the
 * latter. {@code encodes: otherwise} says that encoding gives other bytes with the same meaning. A line that begins with {@code #}
 * is a comment.
 */
public final class PacketCases {

    private static final List<String> FILES = List.of(
            "connect",
            "connack",
            "publish",
            "puback",
            "pubrec",
            "pubrel",
            "pubcomp",
            "subscribe",
            "suback",
            "unsubscribe",
            "unsuback",
            "pingreq",
            "pingresp",
            "disconnect",
            "auth",
            "framing");

    private static final int PACKET_BYTES_MAX_DEFAULT = 1_000_000;

    private PacketCases() {}

    /** All cases, file by file. */
    public static List<PacketCase> all() {
        List<PacketCase> cases = new ArrayList<>();
        for (String file : FILES) {
            cases.addAll(read(file));
        }
        return cases;
    }

    /** The ids of all statements that some case names. */
    public static Set<String> statements() {
        Set<String> statements = new TreeSet<>();
        for (PacketCase each : all()) {
            statements.addAll(each.statements());
            if (each.refusal().isPresent()) {
                statements.add(each.refusalStatement());
            }
        }
        return statements;
    }

    private static List<PacketCase> read(String file) {
        List<PacketCase> cases = new ArrayList<>();
        String name = "";
        List<String> lines = new ArrayList<>();
        for (String line : text("/packets/" + file + ".txt").lines().toList()) {
            if (line.startsWith("== ")) {
                add(cases, file, name, lines);
                name = line.substring(3).strip();
                lines.clear();
            } else if (!line.isBlank() && !line.startsWith("#")) {
                lines.add(line);
            }
        }
        add(cases, file, name, lines);
        return cases;
    }

    private static String text(String resource) {
        try (InputStream in = PacketCases.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(List<PacketCase> cases, String file, String name, List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        try {
            cases.add(parse(file + "/" + name, lines));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("packets/" + file + ".txt, case " + name + ": " + e.getMessage(), e);
        }
    }

    private static PacketCase parse(String name, List<String> lines) {
        Map<String, String> fields = new HashMap<>();
        List<String> packets = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line : lines) {
            if (line.startsWith(" ")) {
                bytes(line, bytes);
                continue;
            }
            int colon = line.indexOf(':');
            String key = line.substring(0, colon);
            String value = line.substring(colon + 1).strip();
            if (key.equals("packet")) {
                packets.add(value);
            } else if (fields.put(key, value) != null) {
                throw new IllegalArgumentException(key + " is given twice");
            }
        }
        ProtocolVersion version = switch (take(fields, "version", "")) {
            case "5" -> ProtocolVersion.MQTT_5;
            case "3.1.1" -> ProtocolVersion.MQTT_3_1_1;
            default -> throw new IllegalArgumentException("version must be 5 or 3.1.1");
        };
        boolean fromClient = take(fields, "from", "client").equals("client");
        String refused = take(fields, "refused", "");
        take(fields, "bytes", "");
        PacketCase result = new PacketCase(
                name,
                version,
                fromClient,
                words(take(fields, "statements", "")),
                preamble(take(fields, "after", fromClient ? "connect" : "connack"), version),
                Payload.of(bytes.toByteArray()),
                List.copyOf(packets),
                refused.isEmpty()
                        ? Optional.empty()
                        : ReasonCode.of(Integer.decode(words(refused).get(0))),
                refused.isEmpty() ? "" : words(refused).get(1),
                take(fields, "encodes", "same").equals("same"),
                Integer.parseInt(take(fields, "alias-maximum", "0")),
                Integer.parseInt(take(fields, "packet-bytes-max", "" + PACKET_BYTES_MAX_DEFAULT)));
        if (!fields.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + fields.keySet());
        }
        return result;
    }

    private static String take(Map<String, String> fields, String key, String absent) {
        String value = fields.remove(key);
        return value == null ? absent : value;
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("[ ,]+"));
    }

    private static Payload preamble(String after, ProtocolVersion version) {
        boolean five = version == ProtocolVersion.MQTT_5;
        String hex = switch (after) {
            case "nothing" -> "";
            case "connect" -> five ? "100E 00044D515454 05 02 0000 00 000163" : "100D 00044D515454 04 02 0000 000163";
            case "connack" -> five ? "2003 00 00 00" : "2002 00 00";
            // With authentication method "m" and a session expiry interval of 60 s.
            case "auth-connect" -> "1017 00044D515454 05 02 0000 09 110000003C 1500016D 000163";
            default -> throw new IllegalArgumentException("after what: " + after);
        };
        return Payload.of(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static void bytes(String line, ByteArrayOutputStream out) {
        int at = 0;
        while (at < line.length() && line.charAt(at) != '|') {
            char c = line.charAt(at);
            if (c == ' ') {
                at++;
            } else if (c == '"') {
                int end = line.indexOf('"', at + 1);
                out.writeBytes(line.substring(at + 1, end).getBytes(StandardCharsets.UTF_8));
                at = end + 1;
            } else {
                int value = HexFormat.fromHexDigits(line, at, at + 2);
                at += 2;
                int count = 1;
                if (at < line.length() && line.charAt(at) == '*') {
                    int end = at + 1;
                    while (end < line.length() && Character.isDigit(line.charAt(end))) {
                        end++;
                    }
                    count = Integer.parseInt(line.substring(at + 1, end));
                    at = end;
                }
                for (int i = 0; i < count; i++) {
                    out.write(value);
                }
            }
        }
    }
}
