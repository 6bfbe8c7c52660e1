// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.math.BigInteger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values with a unit: a whole number and, without a space, the unit. */
final class Quantities {

    private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,18})([A-Za-z%]*)");
    private static final Map<String, Long> TIME =
            units("ms", 1, "s", 1_000, "m", 60_000, "h", 3_600_000, "d", 86_400_000);
    private static final Map<String, Long> SIZE = units(
            "B",
            1,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "TiB",
            1L << 40,
            "KB",
            1_000,
            "MB",
            1_000_000,
            "GB",
            1_000_000_000,
            "TB",
            1_000_000_000_000L);

    private Quantities() {}

    /** A time of whole milliseconds. */
    static Shape<Duration> duration(String min, String max) {
        return quantity("a time", TIME, "s", min, max, 1).then((millis, place, document) -> Duration.ofMillis(millis));
    }

    /** A time of whole seconds, as MQTT's own intervals are. */
    static Shape<Duration> seconds(String min, String max) {
        return quantity("a time", TIME, "s", min, max, 1_000)
                .then((millis, place, document) -> Duration.ofMillis(millis));
    }

    /** A size in bytes. */
    static Shape<Long> bytes(String min, String max) {
        return quantity("a size", SIZE, "B", min, max, 1);
    }

    /** A part of something, in whole percent. */
    static Shape<Integer> percent(String min, String max) {
        return quantity("a part", Map.of("%", 1L), "%", min, max, 1)
                .then((percent, place, document) -> Math.toIntExact(percent));
    }

    /** A size in bytes that fits an {@code int}. */
    static Shape<Integer> intBytes(String min, String max) {
        return bytes(min, max).then((bytes, place, document) -> Math.toIntExact(bytes));
    }

    private static Shape<Long> quantity(
            String what, Map<String, Long> units, String usual, String min, String max, long step) {
        String expected =
                "%s from %s to %s, with its unit: %s".formatted(what, min, max, String.join(", ", units.keySet()));
        BigInteger lowest = known(min, units);
        BigInteger highest = known(max, units);
        return new Shape.Scalar(expected, true).then((text, place, document) -> {
            Matcher matcher = QUANTITY.matcher(text);
            if (!matcher.matches()) {
                throw new Wrong("'{name}' is '{value}'", "it must be " + expected);
            }
            String unit = matcher.group(2);
            if (unit.isEmpty()) {
                throw new Wrong(
                        "'{name}' is {value}, without a unit", "write {value}%s, for instance".formatted(usual));
            }
            Long factor = units.get(unit);
            if (factor == null) {
                throw new Wrong(
                        "'{name}' is {value}, and '%s' is not a unit here".formatted(unit),
                        Nearest.hint(unit, units.keySet()));
            }
            BigInteger value = new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(factor));
            if (value.compareTo(lowest) < 0 || value.compareTo(highest) > 0) {
                throw new Wrong("'{name}' is {value}", "it must be from %s to %s".formatted(min, max));
            }
            if (value.longValueExact() % step != 0) {
                throw new Wrong("'{name}' is {value}", "it must be whole seconds");
            }
            return value.longValueExact();
        });
    }

    private static BigInteger known(String text, Map<String, Long> units) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches() || !units.containsKey(matcher.group(2))) {
            throw new IllegalStateException("the schema has a bound without a unit: " + text);
        }
        return new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(units.get(matcher.group(2))));
    }

    private static Map<String, Long> units(Object... namesAndFactors) {
        Map<String, Long> units = new LinkedHashMap<>();
        for (int i = 0; i < namesAndFactors.length; i += 2) {
            units.put((String) namesAndFactors[i], ((Number) namesAndFactors[i + 1]).longValue());
        }
        return units;
    }
}
