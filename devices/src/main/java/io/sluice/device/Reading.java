// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.time.Instant;
import java.util.List;

/**
 * One set of values that a device gave.
 *
 * @param device the device's name in the configuration
 * @param time when the frame was whole, by the gateway's clock
 * @param values the values in the order of the frame, at least one
 */
public record Reading(String device, Instant time, List<Value> values) {

    public Reading {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a reading needs at least one value");
        }
    }

    /**
     * One value as the device wrote it.
     *
     * @param field the value's name
     * @param text the value's text, not interpreted; may be empty
     */
    public record Value(String field, String text) {}
}
