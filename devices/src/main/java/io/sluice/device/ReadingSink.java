// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

/** Takes readings. */
@FunctionalInterface
public interface ReadingSink {

    /**
     * Takes one reading, on the device's thread. It may block: that is the back-pressure. Meanwhile the device is not read; a TCP
     * peer can then not send on, a serial line loses what no longer fits into the kernel's buffer.
     *
     * @throws InterruptedException if the device is closed meanwhile; the reading is then not taken
     */
    void accept(Reading reading) throws InterruptedException;
}
