// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.time.Instant;

/**
 * How a device is doing, at one moment.
 *
 * @param device the device's name in the configuration
 * @param reason why it is in this state, for the operator
 * @param since when it came into this state, by the gateway's clock; a new reason alone does not change it
 */
public record DeviceStatus(String device, State state, String reason, Instant since, Counts counts) {

    /** Whether the device can be heard. */
    public enum State {
        /** Not opened yet, and nothing has gone wrong. */
        WAITING,
        /** Its link is open. */
        OPEN,
        /** Its link cannot be opened or has broken; it is tried again for ever. */
        BROKEN
    }

    /**
     * What has come since the start.
     *
     * @param bytes received
     * @param frames whole frames received, overlong ones not among them
     * @param readings taken by the sink
     * @param undecodable frames without a meaning, not published
     * @param overlong frames that were longer than allowed, skipped
     * @param cut frames dropped because the link broke before their end
     * @param openings how often the link was opened
     * @param bugs how often the device was restarted because of an unexpected exception in its thread
     * @param lastUndecodable the last undecodable frame and why, shortened, or empty
     */
    public record Counts(
            long bytes,
            long frames,
            long readings,
            long undecodable,
            long overlong,
            long cut,
            long openings,
            long bugs,
            String lastUndecodable) {}
}
