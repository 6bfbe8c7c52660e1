// SPDX-License-Identifier: Apache-2.0
/**
 * The broker thread: one thread that owns all of the broker's state, with timers and an end of its turn, where flushes and journal
 * writes gather. Imports the JDK only.
 */
@NullMarked
package io.sluice.gateway.loop;

import org.jspecify.annotations.NullMarked;
