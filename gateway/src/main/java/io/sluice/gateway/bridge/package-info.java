// SPDX-License-Identifier: Apache-2.0
/**
 * The link to a broker upstream. A bridge is a subscriber whose client happens to live elsewhere: it drains durable outboxes, keeps only
 * its window in memory, and settles a delivery when upstream has acknowledged it. {@code Bridge} and all it owns live on the broker
 * thread; {@code Upstream} is the contract with the wire, which {@code net} keeps. Imports {@code config}, {@code journal},
 * {@code loop}, {@code message}, {@code packet}, {@code routing}, {@code io.sluice.rules} and {@code io.sluice.topic}.
 */
@NullMarked
package io.sluice.gateway.bridge;

import org.jspecify.annotations.NullMarked;
