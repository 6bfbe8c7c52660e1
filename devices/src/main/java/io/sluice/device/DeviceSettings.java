// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.time.Duration;
import java.util.List;

/**
 * A device that does not speak MQTT: where it is, how its frames are found and what they mean.
 *
 * @param name the device's name in the configuration, unique
 * @param link how its bytes arrive
 * @param framing how frames are found in the bytes
 * @param decoding what a frame means
 */
public record DeviceSettings(String name, Link link, Framing framing, Decoding decoding) {

    /** Where the bytes come from. */
    public sealed interface Link {

        /**
         * A serial port.
         *
         * @param path the port's path, best a stable one such as {@code /dev/serial/by-id/...}
         * @param baud bits a second, 50 to 4,000,000
         * @param dataBits 5 to 8
         */
        record Serial(String path, int baud, int dataBits, Parity parity, StopBits stopBits) implements Link {}

        /**
         * A raw TCP peer to which the gateway connects.
         *
         * @param port 1 to 65,535
         */
        record Tcp(String host, int port) implements Link {}
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
        record Line(int bytesMax) implements Framing {}
    }

    /** What a frame means. */
    public sealed interface Decoding {

        /** The whole frame is one value named {@code value}. */
        record Text() implements Decoding {}

        /**
         * Comma-separated values.
         *
         * @param fields the names of the values, in order
         * @param separator the character between two values
         */
        record Csv(List<String> fields, char separator) implements Decoding {
            public Csv {
                fields = List.copyOf(fields);
            }
        }
    }

    /** How long a link waits before it is opened again, growing from the first to the last on each failure. */
    public static final Duration REOPEN_FIRST = Duration.ofMillis(200);

    public static final Duration REOPEN_LAST = Duration.ofSeconds(10);
}
