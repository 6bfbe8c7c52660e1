// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator and the machine's own services see of a running gateway. {@link io.sluice.gateway.ops.Systemd} tells systemd
 * that the gateway is ready, that it stops, and again and again that the broker thread still turns;
 * {@link io.sluice.gateway.ops.ServiceLog} writes the log as systemd's journal likes it.
 *
 * <p>Has a thread of its own and touches nothing of the broker's. Imports the JDK and JBoss's log manager.
 */
@NullMarked
package io.sluice.gateway.ops;

import org.jspecify.annotations.NullMarked;
