// SPDX-License-Identifier: Apache-2.0
/**
 * What does not speak MQTT: devices whose frames arrive over a serial port or a TCP connection and become readings. Each device has
 * a thread of its own, on which its link is opened, read and given up, its frames are decoded, and {@link io.sluice.device.ReadingSink}
 * is called; {@link io.sluice.device.Devices} starts and ends them. Imports its subpackages and the JDK. The subpackages know of this
 * package only its values, {@link io.sluice.device.DeviceSettings} and {@link io.sluice.device.Reading}.
 */
@NullMarked
package io.sluice.device;

import org.jspecify.annotations.NullMarked;
