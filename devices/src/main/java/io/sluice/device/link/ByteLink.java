// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import io.sluice.device.DeviceSettings;
import java.io.IOException;

/**
 * One opening of the place where a device's bytes come from: made, opened once, read until it breaks, closed. What comes after is a
 * new object. {@link #open} and {@link #read} belong to the device's thread; {@link #close} may be called from any.
 */
public interface ByteLink extends AutoCloseable {

    /** The link for these settings, not yet opened. */
    static ByteLink of(DeviceSettings.Link link) {
        return switch (link) {
            case DeviceSettings.Link.Serial serial -> new SerialLink(serial);
            case DeviceSettings.Link.Tcp tcp -> new TcpLink(tcp);
        };
    }

    /**
     * Opens it, waiting as long as that takes.
     *
     * @throws IOException if it is not there, not allowed, in use, does not answer, or is closed meanwhile; the message is for the
     *     operator and names the place
     */
    void open() throws IOException;

    /**
     * Waits for bytes and takes what is there.
     *
     * @return how many bytes were put at the start of the buffer, at least 1
     * @throws IOException if no more will come: unplugged, ended, reset, closed; the message is for the operator and names the place
     */
    int read(byte[] buffer) throws IOException;

    /**
     * Gives it up, from any thread and at any time, also before and while it is opened. A waiting {@link #read} ends with an
     * IOException within a second. Without effect when repeated.
     */
    @Override
    void close();
}
