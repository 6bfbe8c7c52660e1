// SPDX-License-Identifier: Apache-2.0
/**
 * Where a frame begins and ends in a stream of bytes that comes in pieces. Pure state without I/O, clock, thread or log; each
 * object belongs to one device's thread. Imports the JDK only.
 */
@NullMarked
package io.sluice.device.framing;

import org.jspecify.annotations.NullMarked;
