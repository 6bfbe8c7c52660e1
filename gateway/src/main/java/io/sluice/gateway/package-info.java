// SPDX-License-Identifier: Apache-2.0
/**
 * The program: {@code Main}, the start and stop of a {@code Gateway}, and {@code Wiring}, the only class that knows all parts. Runs on
 * the main thread; everything that it builds says for itself where it lives.
 */
@NullMarked
package io.sluice.gateway;

import org.jspecify.annotations.NullMarked;
