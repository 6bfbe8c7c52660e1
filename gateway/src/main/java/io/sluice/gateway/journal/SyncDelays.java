// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.time.Duration;

/**
 * How long the journal may wait before it writes, for the sake of the flash.
 *
 * @param outage how long a batch gathers, and so how long acknowledgements wait while messages must be written
 * @param settle how long a record waits for its receivers to settle it, after which it need not be written
 */
public record SyncDelays(Duration outage, Duration settle) {

    /** Everything is written as soon as the batch before is forced. */
    public static final SyncDelays NONE = new SyncDelays(Duration.ZERO, Duration.ZERO);

    public SyncDelays {
        if (outage.isNegative() || settle.isNegative()) {
            throw new IllegalArgumentException("delays must not be negative: " + outage + ", " + settle);
        }
    }
}
