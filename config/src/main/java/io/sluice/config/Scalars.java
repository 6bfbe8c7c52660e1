// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The types of single values. A value in a message is what the file says, never what an expression made of it. */
final class Scalars {

    private static final Pattern INTEGER = Pattern.compile("0|-?[1-9][0-9]{0,17}");
    private static final Pattern HOST_PORT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]/\\s]+):([0-9]{1,5})");
    private static final Map<String, Integer> BROKER_PORTS = Map.of("mqtt", 1883, "mqtts", 8883, "ws", 80, "wss", 443);

    /** Where brokers have their WebSocket, if nothing else is said. */
    private static final String WEB_SOCKET_PATH = "/mqtt";

    private Scalars() {}

    /** Text as it stands: a number or {@code true} without quotes is that text. */
    static Shape<String> text() {
        return new Shape.Scalar("text", true).then((text, place, document) -> {
            if (text.isEmpty()) {
                throw new Wrong("'{name}' is empty", "write some text, or remove the line");
            }
            return text;
        });
    }

    static Shape<Integer> integer(int min, int max) {
        String range = "a whole number from %d to %d".formatted(min, max);
        return new Shape.Scalar(range, false).then((text, place, document) -> {
            if (!INTEGER.matcher(text).matches()) {
                throw new Wrong("'{name}' is '{value}'", "it must be " + range);
            }
            long value = Long.parseLong(text);
            if (value < min || value > max) {
                throw new Wrong("'{name}' is {value}", "it must be " + range);
            }
            return (int) value;
        });
    }

    static Shape<Boolean> flag() {
        Map<String, Boolean> words = new LinkedHashMap<>();
        words.put("true", true);
        words.put("false", false);
        return words(words);
    }

    /** An enum constant, written in lower case with hyphens. */
    static <E extends Enum<E>> Shape<E> word(Class<E> type) {
        Map<String, E> words = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            words.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
        }
        return words(words);
    }

    static <T> Shape<T> words(Map<String, T> words) {
        return words(words, Map.of());
    }

    /** @param refused words that one might well write here, and why they are not possible */
    static <T> Shape<T> words(Map<String, T> words, Map<String, Wrong> refused) {
        String expected = "one of: " + String.join(", ", words.keySet());
        return new Shape.Scalar(expected, false).then((text, place, document) -> {
            Wrong why = refused.get(text);
            if (why != null) {
                throw why;
            }
            T value = words.get(text);
            if (value == null) {
                throw new Wrong(
                        "'{name}' is '{value}'",
                        Nearest.to(text, words.keySet())
                                .map("did you mean '%s'?"::formatted)
                                .orElse("it must be " + expected));
            }
            return value;
        });
    }

    /** A path; a relative one belongs to the directory of the file. */
    static Shape<Path> path() {
        return text().then((text, place, document) -> {
            try {
                return document.resolve(Path.of(text));
            } catch (InvalidPathException invalid) {
                throw new Wrong("'{name}' is not a path", "write a path such as /etc/sluice/ca.pem");
            }
        });
    }

    /** One level of a topic, so that it can stand between slashes; braces are for placeholders. */
    static Shape<String> topicLevel() {
        return text().then((text, place, document) -> {
            if (text.chars().anyMatch(c -> "/+#{}".indexOf(c) >= 0 || Character.isISOControl(c))
                    || text.startsWith("$")) {
                throw new Wrong(
                        "'{name}' is '{value}', which cannot be one level of a topic",
                        "leave out / + # { } and control characters, and do not begin with $");
            }
            return text;
        });
    }

    /** An address of this machine. */
    static Shape<String> address() {
        return text().then((text, place, document) -> {
            if (!text.equals("localhost")) {
                try {
                    InetAddress.ofLiteral(text);
                } catch (IllegalArgumentException noLiteral) {
                    throw new Wrong(
                            "'{name}' is '{value}', which is not an IP address",
                            "write 127.0.0.1, ::1, localhost, or 0.0.0.0 for all of this machine's");
                }
            }
            return text;
        });
    }

    static boolean isLoopback(String address) {
        return address.equals("localhost") || InetAddress.ofLiteral(address).isLoopbackAddress();
    }

    /** {@code HOST:PORT}, an IPv6 address in brackets, which the host is given without. */
    static <T> Shape<T> hostAndPort(BiFunction<String, Integer, T> meaning) {
        return text().then((text, place, document) -> {
            Matcher matcher = HOST_PORT.matcher(text);
            int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
            if (port < 1 || port > 65_535) {
                throw new Wrong(
                        "'{name}' is '{value}'",
                        "write HOST:PORT, for instance \"10.0.4.9:4001\" or \"[fe80::1]:4001\"");
            }
            return meaning.apply(matcher.group(1).replaceAll("[\\[\\]]", ""), port);
        });
    }

    /**
     * {@code mqtt://HOST[:PORT]} or {@code ws://HOST[:PORT][/PATH]}, or mqtts or wss; the result always has a port, and a path if it is
     * a WebSocket's.
     */
    static Shape<URI> brokerAddress() {
        return text().then((text, place, document) -> {
            URI uri = uri(text);
            String scheme = String.valueOf(uri.getScheme());
            Integer usualPort = BROKER_PORTS.get(scheme);
            if (usualPort == null) {
                throw new Wrong(
                        "'{name}' has an address without mqtt:// or mqtts://",
                        "write mqtt://HOST or mqtts://HOST:PORT, or ws:// or wss:// for a WebSocket");
            }
            if (uri.getRawUserInfo() != null
                    || String.valueOf(uri.getRawAuthority()).contains("@")) {
                throw new Wrong("'{name}' has an address with a user in it", "use the keys 'username' and 'password'");
            }
            if (uri.getHost() == null) {
                throw new Wrong(
                        "'{name}' has an address whose host or port cannot be read",
                        "write " + scheme + "://HOST:PORT; a host name has letters, digits, '.' and '-'");
            }
            String path = uri.getRawPath();
            boolean webSocket = scheme.startsWith("ws");
            boolean more = (!path.isEmpty() && !webSocket) || uri.getRawQuery() != null || uri.getRawFragment() != null;
            if (more || uri.getPort() == 0 || uri.getPort() > 65_535) {
                throw new Wrong(
                        "'{name}' has more than a host and a port from 1 to 65535" + (webSocket ? ", and a path" : ""),
                        "write " + scheme + "://HOST:PORT" + (webSocket ? "/PATH" : "") + " and nothing behind it");
            }
            int port = uri.getPort() >= 0 ? uri.getPort() : usualPort;
            String where = !webSocket ? "" : path.isEmpty() ? WEB_SOCKET_PATH : path;
            return uri(scheme + "://" + uri.getHost() + ":" + port + where);
        });
    }

    private static URI uri(String text) throws Wrong {
        try {
            return new URI(text);
        } catch (URISyntaxException invalid) {
            throw new Wrong(
                    "'{name}' has an address that cannot be read",
                    "write HOST:PORT, with mqtt:// in front for a broker");
        }
    }
}
