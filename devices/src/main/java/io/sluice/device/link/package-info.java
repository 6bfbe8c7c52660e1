// SPDX-License-Identifier: Apache-2.0
/**
 * How a device's bytes arrive: one opening of a serial port or of a TCP connection. Lives on the thread of the device; only closing
 * may come from another. Imports {@code DeviceSettings}, the JDK and, in {@code SerialLink} alone, jSerialComm.
 */
@NullMarked
package io.sluice.device.link;

import org.jspecify.annotations.NullMarked;
