// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

/** Is told when a device comes or goes. */
@FunctionalInterface
public interface DeviceListener {

    /**
     * The device's state or the reason for it is another than before. Called on the device's thread, outside of any lock; must not
     * block.
     */
    void changed(DeviceStatus status);
}
