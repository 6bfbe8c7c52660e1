// SPDX-License-Identifier: Apache-2.0
/**
 * The command line: {@code run}, {@code check}, {@code config}, {@code passwd}, and {@code journal} with what looks into a journal
 * without changing it. Runs on the main thread; imports picocli, Quarkus, {@code io.sluice.config}, {@code access}, {@code journal} and
 * the root package.
 */
@NullMarked
package io.sluice.gateway.cli;

import org.jspecify.annotations.NullMarked;
