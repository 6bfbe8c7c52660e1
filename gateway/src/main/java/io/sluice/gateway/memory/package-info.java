// SPDX-License-Identifier: Apache-2.0
/**
 * What the process may take of the machine's memory, and who may have how much of it. Each kind of thing that grows with the number of
 * clients, or with what they send, has a budget: one ledger for all of its kind, whatever the limits of each say. Owners ask before they
 * grow, or let go when a budget is spent. On the broker thread. Imports the JDK only.
 */
@NullMarked
package io.sluice.gateway.memory;

import org.jspecify.annotations.NullMarked;
