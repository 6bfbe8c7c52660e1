// SPDX-License-Identifier: Apache-2.0
/**
 * The link to a broker upstream. A bridge is a subscriber whose client happens to live elsewhere: it drains durable outboxes, keeps only
 * its window in memory, and settles a delivery when upstream has acknowledged it. Lives on the broker thread; Paho is behind one class.
 */
@NullMarked
package io.sluice.gateway.bridge;

import org.jspecify.annotations.NullMarked;
