// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A device that does not speak MQTT: where it is, how its frames are found and what they mean.
 *
 * @param name the device's name in the configuration, unique
 * @param link how its bytes arrive
 * @param framing how frames are found in the bytes
 * @param decoding what a frame means
 */
public record DeviceSettings(String name, Link link, Framing framing, Decoding decoding) {

    public DeviceSettings {
        require(!name.isBlank(), "a device needs a name");
    }

    /** Where the bytes come from. */
    public sealed interface Link {

        /** The place in words, for the operator: {@code serial port /dev/ttyS0}, {@code tcp 10.0.0.7:4001}. */
        String place();

        /**
         * A serial port.
         *
         * @param path the port's path, best a stable one such as {@code /dev/serial/by-id/...}
         * @param baud bits a second, 50 to 4,000,000
         * @param dataBits 5 to 8
         * @param stopBits one and a half only with 5 data bits: more is not something that a UART can do
         */
        record Serial(String path, int baud, int dataBits, Parity parity, StopBits stopBits) implements Link {
            public Serial {
                require(!path.isBlank(), "a serial port needs a path");
                require(baud >= 50 && baud <= 4_000_000, "baud must be 50 to 4,000,000, not " + baud);
                require(dataBits >= 5 && dataBits <= 8, "data bits must be 5 to 8, not " + dataBits);
                require(
                        stopBits != StopBits.ONE_AND_A_HALF || dataBits == 5,
                        "one and a half stop bits need 5 data bits, not " + dataBits);
            }

            @Override
            public String place() {
                return "serial port " + path;
            }
        }

        /**
         * A raw TCP peer to which the gateway connects.
         *
         * @param port 1 to 65,535
         */
        record Tcp(String host, int port) implements Link {
            public Tcp {
                require(!host.isBlank(), "a TCP peer needs a host");
                require(port >= 1 && port <= 65_535, "the port must be 1 to 65,535, not " + port);
            }

            @Override
            public String place() {
                return "tcp " + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
            }
        }
    }

    /** The parity bit of a serial line. */
    public enum Parity {
        NONE,
        EVEN,
        ODD,
        MARK,
        SPACE
    }

    /** The stop bits of a serial line. */
    public enum StopBits {
        ONE,
        ONE_AND_A_HALF,
        TWO
    }

    /** How the edges of a frame are found. */
    public sealed interface Framing {

        /**
         * Text lines, ended by LF, CR LF or CR.
         *
         * @param bytesMax the longest line that is taken, in bytes without its end, 1 to 65,535; a longer one is counted and skipped
         */
        record Line(int bytesMax) implements Framing {
            public Line {
                require(
                        bytesMax >= 1 && bytesMax <= 65_535,
                        "a line's longest must be 1 to 65,535 bytes, not " + bytesMax);
            }
        }
    }

    /** What a frame means. */
    public sealed interface Decoding {

        /** The whole frame is one value named {@code value}. */
        record Text() implements Decoding {}

        /**
         * Comma-separated values, quoted as in RFC 4180.
         *
         * @param fields the names of the values, in order, at least one, none twice
         * @param separator the character between two values; neither a quote nor a line end
         */
        record Csv(List<String> fields, char separator) implements Decoding {
            public Csv {
                fields = List.copyOf(fields);
                require(!fields.isEmpty(), "comma-separated values need at least one field name");
                require(Set.copyOf(fields).size() == fields.size(), "a field name is given twice in " + fields);
                require("\"\r\n".indexOf(separator) < 0, "the separator must be neither a quote nor a line end");
            }
        }
    }

    /** How long a link waits before it is opened again, growing from the first to the last on each failure. */
    public static final Duration REOPEN_FIRST = Duration.ofMillis(200);

    public static final Duration REOPEN_LAST = Duration.ofSeconds(10);

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
