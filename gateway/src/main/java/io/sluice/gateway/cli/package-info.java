// SPDX-License-Identifier: Apache-2.0
/**
 * The command line: {@code run}, {@code check}, {@code config}. Runs on the main thread; imports picocli, Quarkus, {@code io.sluice.config}
 * and the root package.
 */
@NullMarked
package io.sluice.gateway.cli;

import org.jspecify.annotations.NullMarked;
