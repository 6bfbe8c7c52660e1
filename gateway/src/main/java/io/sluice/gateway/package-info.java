// SPDX-License-Identifier: Apache-2.0
/**
 * The program: what is started, in which order everything is built and closed, and the command line's way in. Runs on the main
 * thread; may import everything below it, and nothing below imports it. This is where CDI ends: the rest is built with {@code new}.
 */
@NullMarked
package io.sluice.gateway;

import org.jspecify.annotations.NullMarked;
