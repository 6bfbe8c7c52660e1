// SPDX-License-Identifier: Apache-2.0
/**
 * What a frame means: the values in it, or why there are none. Without I/O, clock or log; each object belongs to one device's
 * thread. Imports {@code DeviceSettings} and {@code Reading}.
 */
@NullMarked
package io.sluice.device.decode;

import org.jspecify.annotations.NullMarked;
