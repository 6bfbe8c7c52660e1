// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator and the machine's own services see of the running gateway. {@code SysTopics} looks at sessions, routing and the
 * journal on the broker thread and changes nothing there. {@link io.sluice.gateway.ops.Systemd} tells systemd, from a thread of its
 * own, that the gateway is ready, that it stops, and again and again that the broker thread still turns;
 * {@link io.sluice.gateway.ops.ServiceLog} writes the log as systemd's journal likes it;
 * {@link io.sluice.gateway.ops.Heap} keeps the heap to what the configuration says.
 *
 * <p>The only package beside {@code cli} and the root that asks how the program was built.
 */
@NullMarked
package io.sluice.gateway.ops;

import org.jspecify.annotations.NullMarked;
